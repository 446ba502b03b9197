"""Deadlines of cases, each computed from where it starts and how long it runs. Pure.

What was computed is kept with its limit and the version of the calendar, so that it can be computed again (I8).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from services.cases.clocks.values import Deadline, Limit, Unit
from shared.calendar import (
    MonthDeadline,
    add_working_days,
    extended_month_deadline,
    hours_after,
    month_deadline,
    oslo_date,
    start_of_day_oslo,
)
from shared.terms.parameters import in_force

FROM_RECEIPT: Final = " from receipt"
"""What units of the law say beside: these clocks start from the receipt."""


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
    return _of_months(month_deadline(start, limit.amount))


def request_deadline(
    start: datetime, limit: Limit, *, pause_days: int, extension_sent: datetime | None, extended: Limit
) -> Deadline:
    """When the time for a person's request is over: what we mean to keep, and what the law asks for.

    A pause moves the second one alone. An extension counts from receipt, if the person was told in time.
    """
    return _of_months(
        extended_month_deadline(
            start, extension_sent, months=limit.amount, total_months=extended.amount, pause_days=pause_days
        )
    )


def limit_of(key: str, start: datetime) -> Limit:
    """The limit that a parameter set on the day of the start. Raises `UnknownParameterError`."""
    found = in_force(key, oslo_date(start))
    return Limit(found.default, Unit(found.unit.removesuffix(FROM_RECEIPT)))


def day_before(due: datetime) -> date:
    """The last day on which something is in time that is late from this instant on."""
    return oslo_date(due - timedelta(seconds=1))


def _after(day: date) -> datetime:
    """The first instant that is too late for what may be done all through this day."""
    return start_of_day_oslo(day + timedelta(days=1))


def _of_months(found: MonthDeadline) -> Deadline:
    return Deadline(_after(found.finish_on), _after(found.statutory_due))


def _one(instant: datetime) -> Deadline:
    return Deadline(instant, instant)
