"""The calendar held against a second almanac, on every date from 2020 to 2040."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import calendar_oracle
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.retention.clocks import rules as clock_rules
from services.retention.erasure import due_dates
from services.retention.erasure.values import Inactivation, Notice, Scope, limits_on
from shared import calendar
from shared.identifiers import new_id

pytestmark = pytest.mark.unit

FIRST, LAST = date(2020, 1, 1), date(2040, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
NIGHT_HOURS = (0, 1, 2, 3, 21, 22, 23)
"""In UTC: the hours in which Oslo's date turns, and in which clocks change."""
SCOPE = Scope(account_id=new_id())

days = st.dates(FIRST, LAST)
instants = st.datetimes(datetime(2020, 1, 2), datetime(2040, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def test_c1_in_every_hour_of_every_night_the_date_in_oslo_is_the_almanacs():
    for day in EVERY_DAY[1:]:
        for hour in NIGHT_HOURS:
            instant = datetime(day.year, day.month, day.day, hour, 59, 59, tzinfo=UTC)
            assert calendar.oslo_date(instant) == calendar_oracle.date_in_oslo(instant)
        assert calendar.start_of_day_oslo(day) == calendar_oracle.midnight_in_oslo(day)


@pytest.mark.clause("ERASE-1", "ERASE-2")
def test_c2_c3_c6_from_every_day_three_months_end_where_a_walk_of_them_ends():
    for day in EVERY_DAY:
        walked = calendar_oracle.months_later(day, 3)
        assert calendar.add_months(day, 3) == walked
        assert calendar.erasure_due(calendar_oracle.midnight_in_oslo(day)) == walked
        assert calendar.erasure_due_after_notice(day) == walked


def test_s04_from_every_day_a_notice_period_ends_where_a_walk_of_it_ends():
    for day in EVERY_DAY:
        assert calendar.notice_ends_on(day, 1) == calendar_oracle.end_of_notice(day, 1)


@given(day=days, months=st.integers(0, 60))
@example(day=date(2024, 2, 29), months=12)
@example(day=date(2027, 10, 31), months=4)
def test_c2_any_number_of_months_ends_where_a_walk_of_them_ends(day, months):
    assert calendar.add_months(day, months) == calendar_oracle.months_later(day, months)


def test_c7_every_day_is_open_or_closed_as_in_the_almanac():
    assert [day for day in EVERY_DAY if calendar.is_working_day(day) == calendar_oracle.is_closed(day)] == []


@given(received=instants, months=st.integers(1, 3))
def test_c3_c4_a_deadline_stands_where_a_walk_to_the_next_open_day_ends(received, months):
    due = calendar.month_deadline(received, months)
    last = calendar_oracle.months_later(calendar_oracle.date_in_oslo(received), months)
    assert due == calendar.MonthDeadline(
        internal_due=last,
        finish_on=calendar_oracle.open_day_from(last, -1),
        statutory_due=calendar_oracle.open_day_from(last, 1),
    )


@given(instant=instants, hours=st.integers(0, 2000))
@example(instant=datetime(2027, 3, 27, 12, tzinfo=UTC), hours=72)
@example(instant=datetime(2027, 10, 30, 12, tzinfo=UTC), hours=72)
def test_c5_hours_are_counted_as_seconds_pass(instant, hours):
    whole = instant.replace(microsecond=0)  # a float holds whole seconds exactly
    assert calendar.hours_after(whole, hours).timestamp() == whole.timestamp() + 3600 * hours


@pytest.mark.clause("ERASE-1", "ERASE-2")
@given(
    at=instants,
    noticed_before=st.none() | st.integers(0, 90),
    offset=st.sampled_from([0, 1]),
)
def test_no_erasure_opens_before_midnight_of_its_date_and_none_later_than_that_of_the_day_after(
    at, noticed_before, offset
):
    day = calendar_oracle.date_in_oslo(at)
    notice = None
    if noticed_before is not None:
        ends_on = day - timedelta(days=1)
        notice = Notice(noticed_on=ends_on - timedelta(days=noticed_before), ends_on=ends_on)
    inactivation = Inactivation(scope=SCOPE, inactivated_at=at, notice=notice)
    limits = limits_on(date(2026, 11, 30))
    (move,) = clock_rules.plan_erasure(inactivation, new_id=new_id(), known=(), now=at, limits=limits)
    erasure = move.erasure
    assert erasure.due_on == calendar_oracle.months_later(notice.ends_on if notice else day, 3)
    opens = calendar.erasure_opens(erasure.due_on, offset)
    assert opens == calendar_oracle.midnight_in_oslo(erasure.due_on + timedelta(days=offset))
    assert calendar_oracle.date_in_oslo(opens - timedelta(microseconds=1)) == erasure.due_on - timedelta(
        days=1 - offset
    )
    assert due_dates.opens_at(erasure, limits) == calendar_oracle.midnight_in_oslo(erasure.due_on)


@given(at=instants)
def test_reminders_stand_thirty_and_seven_steps_before_the_date(at):
    started, due = calendar.oslo_date(at), calendar.erasure_due(at)
    assert calendar.reminder_dates(started, due) == (started, due - timedelta(30), due - timedelta(7))
