"""A second almanac, made in another way, to hold the calendar against: it counts days one by one.

It knows no time-zone database and no table of months: clock changes come from the rule of the European Union, and
the length of a month shows when the next first comes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SUNDAY = 6


def easter(year: int) -> date:
    """Easter Sunday, by Gauss's way of reckoning with its two exceptions."""
    moon, rest = (19 * (year % 19) + 24) % 30, 0
    rest = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    day = date(year, 3, 22) + (moon + rest) * DAY
    if moon == 29 and rest == 6:
        return day - 7 * DAY
    if moon == 28 and rest == 6 and year % 19 > 10:
        return day - 7 * DAY
    return day


def is_closed(day: date) -> bool:
    """Saturday, Sunday or public holiday (C7)."""
    fixed = {(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)}
    from_easter = (day - easter(day.year)).days
    return day.weekday() >= 5 or (day.month, day.day) in fixed or from_easter in (-3, -2, 0, 1, 39, 49, 50)


def _last_sunday(year: int, month: int) -> datetime:
    """01:00 in UTC on the last Sunday of a month that has 31 days: when clocks change."""
    day = date(year, month, 31)
    while day.weekday() != SUNDAY:
        day -= DAY
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def hours_ahead(instant: datetime) -> int:
    """How many hours clocks in Oslo are ahead of UTC at this instant."""
    year = instant.astimezone(UTC).year
    return 2 if _last_sunday(year, 3) <= instant < _last_sunday(year, 10) else 1


def date_in_oslo(instant: datetime) -> date:
    """The date on a wall in Oslo (C1)."""
    return (instant.astimezone(UTC) + hours_ahead(instant) * HOUR).date()


def midnight_in_oslo(day: date) -> datetime:
    """The instant at which this day begins in Oslo; clocks never change at midnight."""
    guess = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return guess - hours_ahead(guess - 2 * HOUR) * HOUR


def months_later(day: date, months: int) -> date:
    """So many months later (C2), by walking: past so many firsts, then to the number or the month's end."""
    number, firsts = day.day, 0
    while firsts < months:
        day += DAY
        firsts += day.day == 1
    while months and day.day != number and (day + DAY).day != 1:
        day += DAY
    return day


def end_of_notice(day: date, months: int) -> date:
    """The last day of so many whole months after this one's."""
    firsts = 0
    while firsts <= months:
        day += DAY
        firsts += day.day == 1
    return day - DAY


def open_day_from(day: date, step: int) -> date:
    """This day, or the first one that is not closed, forwards or backwards (C4)."""
    while is_closed(day):
        day += step * DAY
    return day
