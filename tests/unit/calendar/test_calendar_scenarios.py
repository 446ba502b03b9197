"""The dates of the acceptance scenarios, under their numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared import calendar
from shared.calendar import OSLO

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("day", [28, 29, 30])
def test_s01_the_last_three_days_of_november_share_the_last_day_of_february(day):
    assert calendar.erasure_due(datetime(2026, 11, day, 12, 0, tzinfo=OSLO)) == date(2027, 2, 28)


def test_s01_a_job_one_minute_before_midnight_is_too_early_and_at_midnight_it_is_not():
    opens = calendar.erasure_opens(calendar.erasure_due(datetime(2026, 11, 30, 12, 0, tzinfo=OSLO)))
    assert datetime(2027, 2, 27, 23, 59, tzinfo=OSLO) < opens
    assert datetime(2027, 2, 28, 0, 0, tzinfo=OSLO) >= opens


def test_s02_half_past_midnight_in_oslo_belongs_to_december():
    trigger = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert calendar.oslo_date(trigger) == date(2026, 12, 1)
    assert calendar.erasure_due(trigger) == date(2027, 3, 1)


def test_s04_a_terminated_contract_counts_from_the_end_of_notice_and_not_from_the_notice():
    assert calendar.erasure_due_after_notice(date(2027, 1, 31)) == date(2027, 4, 30)
    assert calendar.erasure_due(datetime(2026, 12, 10, 12, 0, tzinfo=OSLO)) == date(2027, 3, 10)


def test_s04_a_calendar_month_of_notice_is_the_whole_month_after_that_of_the_notice():
    assert calendar.notice_ends_on(date(2026, 12, 10), 1) == date(2027, 1, 31)
    assert calendar.erasure_due_after_notice(calendar.notice_ends_on(date(2026, 12, 10), 1)) == date(2027, 4, 30)


@pytest.mark.parametrize(
    ("noticed_on", "months", "ends_on"),
    [
        (date(2026, 12, 1), 1, date(2027, 1, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 5), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_s04_on_whichever_day_of_a_month_notice_is_given_it_ends_with_the_same_month(noticed_on, months, ends_on):
    assert calendar.notice_ends_on(noticed_on, months) == ends_on


def test_s04_a_notice_period_is_at_least_a_month():
    with pytest.raises(ValueError, match="at least one"):
        calendar.notice_ends_on(date(2026, 12, 10), 0)


def test_s11_one_user_has_a_date_of_their_own():
    assert calendar.erasure_due(datetime(2026, 12, 15, 12, 0, tzinfo=OSLO)) == date(2027, 3, 15)


def test_s19_a_request_received_on_the_last_of_january():
    due = calendar.month_deadline(datetime(2027, 1, 31, 12, 0, tzinfo=OSLO))
    assert due.internal_due == date(2027, 2, 28)
    assert due.finish_on == date(2027, 2, 26)
    assert due.statutory_due == date(2027, 3, 1)


def test_s21_an_extension_announced_in_time_counts_from_receipt():
    received = datetime(2026, 12, 15, 12, 0, tzinfo=OSLO)
    due = calendar.extended_month_deadline(received, datetime(2027, 1, 10, 12, 0, tzinfo=OSLO))
    assert due.statutory_due == date(2027, 3, 15)


def test_s21_an_extension_announced_a_day_late_has_no_effect():
    received = datetime(2026, 12, 15, 12, 0, tzinfo=OSLO)
    due = calendar.extended_month_deadline(received, datetime(2027, 1, 16, 12, 0, tzinfo=OSLO))
    assert due.statutory_due == date(2027, 1, 15)
    assert calendar.extended_month_deadline(received, None) == due


def test_s21_an_extension_counts_from_receipt_even_where_the_first_month_was_cut_short():
    received = datetime(2027, 1, 31, 12, 0, tzinfo=OSLO)
    due = calendar.extended_month_deadline(received, datetime(2027, 2, 20, 12, 0, tzinfo=OSLO))
    assert due.internal_due == date(2027, 4, 30)


def test_s21_an_extension_announced_on_the_moved_last_day_is_in_time():
    received = datetime(2027, 1, 31, 12, 0, tzinfo=OSLO)
    due = calendar.extended_month_deadline(received, datetime(2027, 3, 1, 23, 59, tzinfo=OSLO))
    assert due.internal_due == date(2027, 4, 30)
    late = calendar.extended_month_deadline(received, datetime(2027, 3, 2, 0, 0, tzinfo=OSLO))
    assert late.internal_due == date(2027, 2, 28)


def test_s21_an_extension_cannot_precede_the_request():
    received = datetime(2026, 12, 15, 12, 0, tzinfo=OSLO)
    with pytest.raises(ValueError, match="before the request"):
        calendar.extended_month_deadline(received, datetime(2026, 12, 15, 11, 59, tzinfo=OSLO))


def test_s31_seventy_two_hours_from_friday_afternoon_end_on_monday_afternoon():
    aware_at = datetime(2026, 11, 27, 17, 0, tzinfo=OSLO)
    assert calendar.hours_after(aware_at, 72) == datetime(2026, 11, 30, 17, 0, tzinfo=OSLO)
