"""What holds on every date from 2020 to 2040, leap years and clock changes included."""

from __future__ import annotations

import calendar as month_table
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import calendar
from shared.calendar import OSLO

pytestmark = pytest.mark.unit

FIRST, LAST = date(2020, 1, 1), date(2040, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]

days = st.dates(min_value=FIRST, max_value=LAST)
months = st.integers(min_value=0, max_value=60)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone below
    max_value=datetime(2040, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def easter_sunday(year: int) -> date:
    """The anonymous Gregorian computus: an independent witness for the library's table."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_c7_the_holidays_of_every_year_are_those_the_law_names(year):
    easter = easter_sunday(year)
    movable = {easter + timedelta(days=n) for n in (-3, -2, 0, 1, 39, 49, 50)}
    fixed = {date(year, 1, 1), date(year, 5, 1), date(year, 5, 17), date(year, 12, 25), date(year, 12, 26)}
    assert calendar.public_holidays(year) == movable | fixed


def test_c1_on_every_day_the_date_turns_at_midnight_in_oslo_and_at_no_other_moment():
    for day in EVERY_DAY:
        start = calendar.start_of_day_oslo(day)
        assert calendar.oslo_date(start) == day
        assert calendar.oslo_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_c1_a_day_lasts_23_hours_in_march_25_in_october_and_24_otherwise():
    lengths: dict[int, set[int]] = {}
    for day in EVERY_DAY:
        hours = (
            calendar.start_of_day_oslo(day + timedelta(days=1)) - calendar.start_of_day_oslo(day)
        ) // timedelta(hours=1)
        lengths.setdefault(hours, set()).add(day.month)
    assert lengths[23] == {3}
    assert lengths[25] == {10}
    assert set(lengths) == {23, 24, 25}


def test_c2_and_c6_on_every_day_the_erasure_date_keeps_the_day_number_or_is_the_last_of_its_month():
    for day in EVERY_DAY:
        due = calendar.erasure_due(calendar.start_of_day_oslo(day) + timedelta(hours=12))
        assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == 3
        last = month_table.monthrange(due.year, due.month)[1]
        assert due.day == min(day.day, last)


@given(day=days, count=months)
@example(day=date(2024, 2, 29), count=12)
@example(day=date(2023, 11, 30), count=3)
def test_c2_a_later_start_never_ends_earlier(day, count):
    assert calendar.add_months(day, count) <= calendar.add_months(day + timedelta(days=1), count)


@given(day=days, count=months)
def test_c2_the_result_lies_in_the_month_that_was_counted_to(day, count):
    end = calendar.add_months(day, count)
    assert (end.year - day.year) * 12 + end.month - day.month == count
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(instant=instants, count=st.integers(min_value=1, max_value=12))
def test_c4_the_three_dates_of_a_deadline_stand_in_order_and_only_closed_days_lie_between(instant, count):
    due = calendar.month_deadline(instant, count)
    assert due.finish_on <= due.internal_due <= due.statutory_due
    assert calendar.is_working_day(due.finish_on)
    assert calendar.is_working_day(due.statutory_due)
    day = due.finish_on + timedelta(days=1)
    while day < due.statutory_due:
        assert not calendar.is_working_day(day)
        day += timedelta(days=1)


@given(instant=instants, hours=st.integers(min_value=0, max_value=24 * 400))
def test_c5_hours_are_hours_whatever_the_wall_clock_does(instant, hours):
    later = calendar.hours_after(instant.astimezone(OSLO), hours)
    assert (later - instant) == timedelta(hours=hours)
    assert later.utcoffset() == timedelta(0)


@given(instant=instants)
def test_the_same_instant_in_any_zone_has_the_same_legal_dates(instant):
    there = instant.astimezone(OSLO)
    assert calendar.oslo_date(there) == calendar.oslo_date(instant)
    assert calendar.erasure_due(there) == calendar.erasure_due(instant)
    assert calendar.month_deadline(there) == calendar.month_deadline(instant)


@given(instant=instants, later_by=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_what_became_inactive_later_is_never_due_earlier(instant, later_by):
    assert calendar.erasure_due(instant) <= calendar.erasure_due(instant + later_by)


@given(day=days, count=st.integers(min_value=1, max_value=40))
def test_c3_exactly_so_many_working_days_lie_in_the_period(day, count):
    end = calendar.add_working_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(calendar.is_working_day(each) for each in between) == count
    assert calendar.is_working_day(end)


@given(instant=instants)
def test_reminders_stand_between_the_first_day_and_the_due_date(instant):
    started, due = calendar.oslo_date(instant), calendar.erasure_due(instant)
    reminders = calendar.reminder_dates(started, due)
    assert reminders[0] == started
    assert list(reminders) == sorted(set(reminders))
    assert [calendar.days_between(day, due) for day in reminders[1:]] == [30, 7]
