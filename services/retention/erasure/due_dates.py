"""The dates of an erasure: when it is due, from when it may be carried out, reminders before, copies after."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.retention.erasure.values import Erasure, Inactivation, Limits, State, Trigger
from shared import calendar
from shared.terms.clauses.erasure import (
    EARLY_ERASURE_IN_WRITING,
    ERASE_AFTER_INACTIVE,
    ERASE_AFTER_NOTICE,
    LOST_FOR_EVER,
)
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces


@enforces(ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE)
def due_date(inactivation: Inactivation, limits: Limits) -> date:
    """The date of the erasure: so many months after the inactivation, or after the last day of notice (C2, C6)."""
    if inactivation.notice is not None:
        return calendar.erasure_due_after_notice(inactivation.notice.ends_on, limits.months)
    return calendar.erasure_due(inactivation.inactivated_at, limits.months)


@enforces(ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE, EARLY_ERASURE_IN_WRITING)
def opens_at(erasure: Erasure, limits: Limits) -> datetime:
    """The instant from which an erasure may be carried out; one asked for early has no date to wait for."""
    if erasure.trigger is Trigger.EARLY_REQUEST:
        return erasure.started_at
    return calendar.erasure_opens(erasure.due_on, limits.day_offset)


@enforces(ERASE_AFTER_INACTIVE)
def next_reminder(erasure: Erasure, limits: Limits) -> date | None:
    """The first planned reminder that has not been dealt with."""
    if erasure.state is not State.SCHEDULED:
        return None
    planned = calendar.reminder_dates(erasure.started_on, erasure.due_on, limits.reminder_days)
    return min((day for day in planned if day not in erasure.reminded_on), default=None)


@enforces(LOST_FOR_EVER)
def expire_on(window: str, executed_at: datetime) -> date:
    """The day on which the last copy made before the erasure is gone: so many days after the day of the erasure.

    `window` is the parameter that says how old such a copy may become.
    """
    executed_on = calendar.oslo_date(executed_at)
    return executed_on + timedelta(days=in_force(window, executed_on).default)
