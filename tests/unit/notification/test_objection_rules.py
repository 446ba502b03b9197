"""An objection to marketing counts from when it was received, and was received at some time in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notification.preferences.rules import EARLIEST_YEAR, check_received, check_same
from services.notification.preferences.values import Channel, Objection
from shared.errors import Conflict, Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("MAIL-2")]

NOW = datetime(2026, 12, 1, 10, 5, tzinfo=UTC)
HEARD = Objection(
    case_id=UUID(int=1), account_id=UUID(int=2), user_id=UUID(int=3), channel=Channel.PHONE, received_at=NOW
)


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(minutes=5), datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)])
def test_it_was_received_at_some_time_in_the_past(at: datetime) -> None:
    check_received(at, NOW)


@pytest.mark.parametrize("at", [NOW + timedelta(seconds=1), datetime(EARLIEST_YEAR - 1, 12, 31, tzinfo=UTC)])
def test_nothing_is_received_in_the_future_or_before_there_was_a_right(at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        check_received(at, NOW)
    assert set(refused.value.details) == {"received_at"}


def test_under_one_id_it_is_the_same_objection() -> None:
    check_same(HEARD, replace(HEARD))
    for other in ({"user_id": UUID(int=4)}, {"channel": Channel.POST}, {"received_at": NOW - timedelta(hours=1)}):
        with pytest.raises(Conflict):
            check_same(HEARD, replace(HEARD, **other))
