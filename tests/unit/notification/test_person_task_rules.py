"""What a person does, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.staff_tasks.rules import copy_due_on
from shared.calendar import oslo_date
from shared.errors import Conflict

pytestmark = pytest.mark.unit

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones
DAYS = st.integers(-400, 400).map(lambda days: timedelta(days=days))


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_is_handed_over_within_the_month_and_before_the_data_are_erased() -> None:
    now = datetime(2027, 2, 20, 12, tzinfo=UTC)
    assert copy_due_on(date(2027, 1, 31), None, now) == date(2027, 2, 28)
    assert copy_due_on(date(2027, 1, 31), date(2027, 3, 5), now) == date(2027, 2, 28)
    assert copy_due_on(date(2027, 2, 20), date(2027, 3, 5), now) == date(2027, 3, 4)
    assert copy_due_on(date(2027, 1, 10), date(2027, 3, 5), now) == date(2027, 2, 20), "late, so at once"
    for asked_on in (date(2027, 3, 5), date(2027, 3, 9)):
        with pytest.raises(Conflict):
            copy_due_on(asked_on, date(2027, 3, 5), now)


@pytest.mark.clause("RIGHTS-2")
@given(now=MOMENTS, asked=st.integers(0, 400), ahead=st.none() | DAYS)
def test_a_copy_is_never_due_on_a_day_that_is_over_nor_on_that_of_an_erasure_to_come(now, asked, ahead) -> None:
    today = oslo_date(now)
    received_on, erased_on = today - timedelta(days=asked), None if ahead is None else today + ahead
    if erased_on is not None and erased_on <= received_on:
        with pytest.raises(Conflict):
            copy_due_on(received_on, erased_on, now)
        return
    due_on = copy_due_on(received_on, erased_on, now)
    assert due_on >= today
    assert erased_on is None or due_on < erased_on or (erased_on <= today == due_on)
