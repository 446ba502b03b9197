"""The one place where a legal date is computed.

Instants are stored in UTC; a legal date is counted from the date a clock on a wall in Oslo showed at that
instant (rule C1).  Nothing here reads a clock.  The rules bear numbers, and each has a test of its number:

* C1 the Oslo date of the trigger counts, not the UTC date;
* C2 a period of months ends on the same day number, or on the last day of a month that lacks it;
* C3 the day of the event itself is not counted;
* C4 a statutory deadline in months moves from a closed day to the next working day;
* C5 a period of hours is elapsed time, moved by nothing;
* C6 the erasure date is a promise and is never moved;
* C7 the public holidays are those of Norwegian law, 24 and 31 December being ordinary days.
"""

from __future__ import annotations

import calendar as _month_table
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import holidays

if TYPE_CHECKING:
    from collections.abc import Iterator

OSLO: Final = ZoneInfo("Europe/Oslo")

CALENDAR_VERSION: Final = 1
"""Stored beside a computed date, so that it can be computed again; raised when a rule or the law changes."""

ERASURE_MONTHS: Final = 3
"""Calendar months from inactivity to erasure (L59, L204)."""

REMINDER_DAYS: Final = (30, 7)
"""Days before the due date on which the customer is reminded, besides the day it all began."""

LONGEST_CLOSURE_DAYS: Final = 14
"""No run of closed days is this long; reaching it means the holiday table is broken."""


class NaiveInstantError(ValueError):
    """An instant without a time zone has no legal date; give it one before asking."""


class NotADateError(TypeError):
    """A calendar date was expected; turn an instant into one with `oslo_date` first."""


@dataclass(frozen=True, slots=True)
class MonthDeadline:
    """A statutory deadline counted in months.

    `internal_due` is the unmoved last day, `finish_on` the last working day not after it (the alarm goes when it
    passes), and `statutory_due` the day after which the law is broken.
    """

    internal_due: date
    finish_on: date
    statutory_due: date


def in_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC; raise `NaiveInstantError` when it carries no zone."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise NaiveInstantError("an instant must carry a time zone")
    return instant.astimezone(UTC)


def oslo_date(instant: datetime) -> date:
    """Return the date in Oslo at this instant (C1): 23:30Z on 30 November is 1 December."""
    return in_utc(instant).astimezone(OSLO).date()


def monday_of(day: date) -> date:
    """Return the Monday of the week that this day is in."""
    return day - timedelta(days=day.weekday())


def start_of_day_oslo(day: date) -> datetime:
    """Return the UTC instant at which this day begins in Oslo."""
    return datetime.combine(_plain(day), time.min, tzinfo=OSLO).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """Return the same day number `months` later, or the last day of that month where it is missing (C2)."""
    if months < 0:
        raise ValueError("a period of months runs forwards")
    index = _plain(day).year * 12 + (day.month - 1) + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, _month_table.monthrange(year, month)[1]))


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that many months before that of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def erasure_due(trigger: datetime, months: int = ERASURE_MONTHS) -> date:
    """Return the erasure date of something made inactive at `trigger`; no closed day moves it (C6, L59)."""
    return add_months(oslo_date(trigger), months)


def notice_ends_on(noticed_on: date, months: int) -> date:
    """Return the last day of a notice period of so many calendar months: always the last day of a month (S04).

    L204 promises a period and says neither how long it is nor how it is counted.  Counted from day to day (C2), a
    month from 10 December would end on 10 January; here it is the whole calendar month that follows, to 31 January,
    the custom for contracts that are paid by the month.  Of all readings this one ends last: nobody loses access or
    data earlier than any of them would allow.  The day of the notice is not counted (C3).
    """
    if months < 1:
        raise ValueError("a notice period has at least one calendar month")
    in_last_month = add_months(noticed_on, months)
    return in_last_month.replace(day=_month_table.monthrange(in_last_month.year, in_last_month.month)[1])


def erasure_due_after_notice(notice_ends_on: date, months: int = ERASURE_MONTHS) -> date:
    """Return the erasure date of a terminated contract, counted from the last day of notice (C6, L204)."""
    return add_months(notice_ends_on, months)


def erasure_opens(due_on: date, day_offset: int = 0) -> datetime:
    """Return the instant from which an erasure due on this date may run.

    With offset 0 the due date itself opens at midnight in Oslo; with 1 it must have passed in full.
    """
    if day_offset not in (0, 1):
        raise ValueError("the offset is 0 (from the due date) or 1 (after it)")
    return start_of_day_oslo(_plain(due_on) + timedelta(days=day_offset))


def reminder_dates(
    started_on: date, due_on: date, days_before: tuple[int, ...] = REMINDER_DAYS
) -> tuple[date, ...]:
    """Return the dates of the reminders, oldest first: the first day, then so many days before the due date.

    A reminder that would fall on or before the first day is the first one, and is not given twice.
    """
    _plain(started_on)
    later = {_plain(due_on) - timedelta(days=days) for days in days_before}
    return (started_on, *sorted(day for day in later if day > started_on))


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of Norway in a year (C7)."""
    return frozenset(holidays.country_holidays("NO", years=year))


def is_public_holiday(day: date) -> bool:
    """Say whether the law makes this day a public holiday; an ordinary Sunday is none (C7)."""
    return _plain(day) in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Say whether this is neither Saturday, Sunday nor public holiday."""
    return _plain(day).weekday() < _month_table.SATURDAY and not is_public_holiday(day)


def working_day_on_or_after(day: date) -> date:
    """Return this day, or the next working day when it is closed."""
    return next(_working_days(day, step=1))


def working_day_on_or_before(day: date) -> date:
    """Return this day, or the working day before when it is closed."""
    return next(_working_days(day, step=-1))


def add_working_days(day: date, count: int) -> date:
    """Return the working day `count` working days after this day, which is itself not counted (C3)."""
    if count < 1:
        raise ValueError("count at least one working day")
    return next(islice(_working_days(_plain(day) + timedelta(days=1), step=1), count - 1, None))


def month_deadline(received: datetime, months: int = 1) -> MonthDeadline:
    """Return the deadline of a duty that must be done within `months` of receipt (C3, C4).

    The day of receipt is not counted, so the last day bears the number of the day of receipt.
    """
    last_day = add_months(oslo_date(received), months)
    return MonthDeadline(
        internal_due=last_day,
        finish_on=working_day_on_or_before(last_day),
        statutory_due=working_day_on_or_after(last_day),
    )


def paused_month_deadline(received: datetime, months: int, pause_days: int) -> MonthDeadline:
    """Return the deadline of a duty that waited so many days for the person to show who they are.

    What we mean to keep stays where it was.  The statutory day moves by the pause, counted behind the period or
    before it, whichever is earlier, and only then off a closed day (C4).
    """
    if pause_days < 0:
        raise ValueError("a pause runs forwards")
    day, pause = oslo_date(received), timedelta(days=pause_days)
    last_day = min(add_months(day, months) + pause, add_months(day + pause, months))
    return replace(month_deadline(received, months), statutory_due=working_day_on_or_after(last_day))


def extended_month_deadline(
    received: datetime,
    extension_sent: datetime | None,
    *,
    months: int = 1,
    total_months: int = 3,
    pause_days: int = 0,
) -> MonthDeadline:
    """Return the deadline of a request whose extension was announced at `extension_sent`, or never.

    An extension counts from receipt, not from the first deadline, and only when the person was told of it
    before that first deadline had passed; a later announcement changes nothing (GDPR article 12(3)).
    """
    first = paused_month_deadline(received, months, pause_days)
    if extension_sent is None or oslo_date(extension_sent) > first.statutory_due:
        return first
    if in_utc(extension_sent) < in_utc(received):
        raise ValueError("an extension cannot be announced before the request was received")
    return paused_month_deadline(received, total_months, pause_days)


def hours_after(instant: datetime, hours: int) -> datetime:
    """Return the UTC instant so many elapsed hours later, through holidays and clock changes (C5)."""
    return in_utc(instant) + timedelta(hours=hours)


def days_between(earlier: date, later: date) -> int:
    """Return the number of days from one date to another; negative when `later` is the earlier one."""
    return (_plain(later) - _plain(earlier)).days


def _working_days(start: date, *, step: int) -> Iterator[date]:
    """Yield working days from `start` on, forwards or backwards, `start` included when it is one."""
    day, closed = _plain(start), 0
    while closed < LONGEST_CLOSURE_DAYS:
        if is_working_day(day):
            closed = 0
            yield day
        else:
            closed += 1
        day += timedelta(days=step)
    raise RuntimeError("the holiday table has no working day within two weeks")


def _plain(day: date) -> date:
    """Refuse an instant where a date is meant: its date would silently be that of its own zone."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise NotADateError(f"expected a date, got {type(day).__name__}")
    return day
