"""When the machine's own door to the staff is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.staff.first_administrators.rules import SIGN_WITHIN, check_open, is_signing
from services.staff.people.calls import enrolment_address
from shared.errors import Conflict

pytestmark = pytest.mark.unit


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(("administrators", "on_their_way"), list(product(range(4), range(4))))
def test_two_at_most_come_by_the_machine_and_nobody_once_two_live(administrators, on_their_way) -> None:
    if administrators + on_their_way < 2:
        check_open(administrators=administrators, on_their_way=on_their_way)
        return
    with pytest.raises(Conflict) as refused:
        check_open(administrators=administrators, on_their_way=on_their_way)
    reason = "administrators_live" if administrators >= 2 else "on_their_way"
    assert refused.value.details == {"reason": reason}


@pytest.mark.parametrize("desk", ["https://desk.example.no", "https://desk.example.no/"])
def test_the_link_leads_to_the_desk(desk) -> None:
    assert enrolment_address(desk, "secret") == "https://desk.example.no/enrol/secret"


NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "waited_for"),
    [
        (timedelta(0), True),
        (SIGN_WITHIN - timedelta(seconds=1), True),
        (SIGN_WITHIN, False),
        (timedelta(days=80), False),
        (timedelta(days=-80), False),
        (None, False),
    ],
    ids=str,
)
def test_who_has_enrolled_is_waited_for_an_hour_and_not_longer_by_a_wrong_clock(ago, waited_for) -> None:
    assert is_signing(None if ago is None else NOW - ago, NOW) is waited_for
