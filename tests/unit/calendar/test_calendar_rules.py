"""The clock rules C1 to C7, one by one, with dates worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared import calendar
from shared.calendar import OSLO, MonthDeadline, NaiveInstantError, NotADateError

pytestmark = pytest.mark.unit

NOON_OF_5_MARCH = datetime(2026, 3, 5, 12, 0, tzinfo=OSLO)


class TestC1TheOsloDateCounts:
    def test_half_past_eleven_in_utc_on_the_last_of_november_is_december_in_oslo(self):
        assert calendar.oslo_date(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)

    def test_half_past_ten_in_utc_in_winter_is_still_the_same_day(self):
        assert calendar.oslo_date(datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)) == date(2026, 11, 30)

    def test_ten_in_the_evening_in_utc_in_summer_is_already_tomorrow(self):
        assert calendar.oslo_date(datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) == date(2026, 7, 1)

    def test_an_instant_of_another_zone_is_taken_to_oslo_first(self):
        tokyo = timezone(timedelta(hours=9))
        assert calendar.oslo_date(datetime(2026, 3, 5, 6, 0, tzinfo=tokyo)) == date(2026, 3, 4)

    @pytest.mark.parametrize(
        "call",
        [
            calendar.oslo_date,
            calendar.in_utc,
            calendar.erasure_due,
            calendar.month_deadline,
            lambda instant: calendar.hours_after(instant, 72),
            lambda instant: calendar.extended_month_deadline(instant, None),
            lambda instant: calendar.extended_month_deadline(NOON_OF_5_MARCH, instant),
        ],
    )
    def test_an_instant_without_zone_is_refused(self, call):
        with pytest.raises(NaiveInstantError):
            call(datetime(2026, 3, 5, 12, 0))  # noqa: DTZ001 - the refusal is what is tested

    @pytest.mark.parametrize(
        "call",
        [
            lambda day: calendar.add_months(day, 1),
            calendar.start_of_day_oslo,
            calendar.is_working_day,
            calendar.is_public_holiday,
            calendar.erasure_due_after_notice,
            calendar.erasure_opens,
            calendar.working_day_on_or_after,
            calendar.working_day_on_or_before,
            lambda day: calendar.add_working_days(day, 1),
            lambda day: calendar.reminder_dates(day, date(2026, 6, 5)),
            lambda day: calendar.reminder_dates(date(2026, 3, 5), day),
            lambda day: calendar.days_between(day, date(2026, 6, 5)),
            lambda day: calendar.days_between(date(2026, 3, 5), day),
        ],
    )
    def test_an_instant_is_refused_where_a_date_is_meant(self, call):
        with pytest.raises(NotADateError):
            call(NOON_OF_5_MARCH)


class TestC2MonthsKeepTheDayNumber:
    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [
            (date(2026, 3, 5), 1, date(2026, 4, 5)),
            (date(2026, 11, 30), 3, date(2027, 2, 28)),
            (date(2027, 11, 30), 3, date(2028, 2, 29)),
            (date(2027, 11, 29), 3, date(2028, 2, 29)),
            (date(2026, 12, 31), 1, date(2027, 1, 31)),
            (date(2027, 1, 31), 1, date(2027, 2, 28)),
            (date(2027, 1, 31), 3, date(2027, 4, 30)),
            (date(2026, 10, 31), 14, date(2027, 12, 31)),
            (date(2028, 2, 29), 12, date(2029, 2, 28)),
            (date(2026, 5, 17), 0, date(2026, 5, 17)),
        ],
    )
    def test_the_end_of_a_period(self, start, months, end):
        assert calendar.add_months(start, months) == end

    def test_three_months_are_not_ninety_days(self):
        assert calendar.add_months(date(2026, 7, 1), 3) - date(2026, 7, 1) == timedelta(days=92)

    def test_a_period_does_not_run_backwards(self):
        with pytest.raises(ValueError, match="forwards"):
            calendar.add_months(date(2026, 7, 1), -1)


class TestC3TheDayOfTheEventIsNotCounted:
    def test_received_on_the_fifth_runs_through_the_fifth(self):
        assert calendar.month_deadline(NOON_OF_5_MARCH).internal_due == date(2026, 4, 5)

    def test_two_working_days_after_a_monday_is_wednesday(self):
        assert calendar.add_working_days(date(2027, 2, 1), 2) == date(2027, 2, 3)

    def test_one_working_day_after_the_wednesday_before_easter_is_the_tuesday_after(self):
        assert calendar.add_working_days(date(2027, 3, 24), 1) == date(2027, 3, 30)

    def test_no_working_day_at_all_is_not_a_period(self):
        with pytest.raises(ValueError, match="at least one"):
            calendar.add_working_days(date(2027, 2, 1), 0)


class TestC4AStatutoryDeadlineMovesToAWorkingDay:
    def test_easter_sunday_moves_past_easter_monday_and_the_work_ends_before_maundy_thursday(self):
        assert calendar.month_deadline(NOON_OF_5_MARCH) == MonthDeadline(
            internal_due=date(2026, 4, 5), finish_on=date(2026, 4, 1), statutory_due=date(2026, 4, 7)
        )

    def test_a_working_day_stays_where_it_is(self):
        due = calendar.month_deadline(datetime(2026, 11, 9, 8, 0, tzinfo=OSLO))
        assert due == MonthDeadline(date(2026, 12, 9), date(2026, 12, 9), date(2026, 12, 9))

    def test_saturday_moves_over_the_weekend(self):
        due = calendar.month_deadline(datetime(2026, 11, 12, 8, 0, tzinfo=OSLO))
        assert (due.finish_on, due.statutory_due) == (date(2026, 12, 11), date(2026, 12, 14))

    def test_christmas_eve_is_not_moved(self):
        assert calendar.month_deadline(datetime(2026, 11, 24, 8, 0, tzinfo=OSLO)).statutory_due == date(
            2026, 12, 24
        )

    def test_constitution_day_on_a_monday_moves_to_tuesday(self):
        assert calendar.month_deadline(datetime(2027, 4, 17, 8, 0, tzinfo=OSLO)).statutory_due == date(2027, 5, 18)


class TestC5HoursAreElapsedTime:
    def test_the_night_that_lacks_an_hour_makes_the_wall_clock_later(self):
        start = datetime(2027, 3, 27, 12, 0, tzinfo=OSLO)
        assert calendar.hours_after(start, 24).astimezone(OSLO) == datetime(2027, 3, 28, 13, 0, tzinfo=OSLO)

    def test_the_night_with_an_hour_twice_makes_the_wall_clock_earlier(self):
        start = datetime(2026, 10, 24, 12, 0, tzinfo=OSLO)
        assert calendar.hours_after(start, 24).astimezone(OSLO) == datetime(2026, 10, 25, 11, 0, tzinfo=OSLO)

    def test_christmas_does_not_stop_seventy_two_hours(self):
        start = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
        assert calendar.hours_after(start, 72) == datetime(2026, 12, 27, 9, 0, tzinfo=UTC)


class TestC6TheErasureDateIsNotMoved:
    def test_it_may_fall_on_a_sunday(self):
        due = calendar.erasure_due(datetime(2026, 11, 30, 12, 0, tzinfo=OSLO))
        assert (due, due.strftime("%A")) == (date(2027, 2, 28), "Sunday")

    def test_it_may_fall_on_christmas_day(self):
        assert calendar.erasure_due(datetime(2026, 9, 25, 12, 0, tzinfo=OSLO)) == date(2026, 12, 25)

    def test_it_opens_at_midnight_in_oslo(self):
        assert calendar.erasure_opens(date(2027, 2, 28)) == datetime(2027, 2, 27, 23, 0, tzinfo=UTC)

    def test_counted_strictly_it_opens_when_the_day_has_passed(self):
        assert calendar.erasure_opens(date(2027, 2, 28), 1) == datetime(2027, 2, 28, 23, 0, tzinfo=UTC)

    @pytest.mark.parametrize("offset", [-1, 2])
    def test_no_other_way_of_counting_exists(self, offset):
        with pytest.raises(ValueError, match="offset"):
            calendar.erasure_opens(date(2027, 2, 28), offset)


class TestC7TheHolidaysOfTheLaw:
    def test_the_twelve_of_2026(self):
        assert sorted(calendar.public_holidays(2026)) == [
            date(2026, 1, 1),
            date(2026, 4, 2),
            date(2026, 4, 3),
            date(2026, 4, 5),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 14),
            date(2026, 5, 17),
            date(2026, 5, 24),
            date(2026, 5, 25),
            date(2026, 12, 25),
            date(2026, 12, 26),
        ]

    @pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 31)])
    def test_the_eves_of_december_are_working_days(self, day):
        assert calendar.is_working_day(day)

    def test_an_ordinary_sunday_is_closed_but_no_holiday(self):
        sunday = date(2026, 11, 22)
        assert not calendar.is_public_holiday(sunday)
        assert not calendar.is_working_day(sunday)

    def test_a_holiday_table_without_working_days_is_an_error_and_not_an_endless_search(self, monkeypatch):
        monkeypatch.setattr(calendar, "is_working_day", lambda _day: False)
        with pytest.raises(RuntimeError, match="working day"):
            calendar.working_day_on_or_after(date(2026, 11, 23))


class TestReminders:
    def test_on_the_first_day_and_thirty_and_seven_days_before(self):
        assert calendar.reminder_dates(date(2026, 11, 30), date(2027, 2, 28)) == (
            date(2026, 11, 30),
            date(2027, 1, 29),
            date(2027, 2, 21),
        )

    def test_a_short_period_never_reminds_before_it_began_nor_twice_in_a_day(self):
        assert calendar.reminder_dates(date(2027, 2, 21), date(2027, 2, 28)) == (date(2027, 2, 21),)

    def test_days_left_are_counted_with_their_sign(self):
        assert calendar.days_between(date(2027, 2, 21), date(2027, 2, 28)) == 7
        assert calendar.days_between(date(2027, 2, 28), date(2027, 2, 21)) == -7
