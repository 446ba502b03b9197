"""Deadlines of cases, each computed from where it starts and how long it runs. Pure.

What was computed is kept with its limit and the version of the calendar, so that it can be computed again (I8).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.cases.clocks.values import Deadline, Limit, Unit
from shared.calendar import add_working_days, hours_after, month_deadline, oslo_date, start_of_day_oslo
from shared.terms.parameters import in_force


def deadline(start: datetime, limit: Limit) -> Deadline:
    """When a limit that starts at `start` is over.

    Hours are elapsed time and moved by nothing (C5). Days end with the day in Oslo, and the day of the start is not
    counted (C3); months follow C2 and C4.
    """
    if limit.unit is Unit.HOURS:
        return _one(hours_after(start, limit.amount))
    started_on = oslo_date(start)
    if limit.unit is Unit.DAYS:
        return _one(_after(started_on + timedelta(days=limit.amount)))
    if limit.unit is Unit.WORKING_DAYS:
        return _one(_after(add_working_days(started_on, limit.amount)))
    found = month_deadline(start, limit.amount)
    return Deadline(_after(found.finish_on), _after(found.statutory_due))


def limit_of(key: str, start: datetime) -> Limit:
    """The limit that a parameter set on the day of the start. Raises `UnknownParameterError`."""
    found = in_force(key, oslo_date(start))
    return Limit(found.default, Unit(found.unit))


def _after(day: date) -> datetime:
    """The first instant that is too late for what may be done all through this day."""
    return start_of_day_oslo(day + timedelta(days=1))


def _one(instant: datetime) -> Deadline:
    return Deadline(instant, instant)
