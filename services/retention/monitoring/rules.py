"""How far an erasure is, and when a person must be told that it takes too long."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.retention.erasure.values import FINISHED, Erasure, Limits, State
from shared import calendar
from shared.terms.clauses.erasure import ERASE_AFTER_INACTIVE, LIFE_CYCLE_BY_LAW
from shared.terms.rule_registry import enforces


@enforces(LIFE_CYCLE_BY_LAW)
def progress(erasure: Erasure, now: datetime, limits: Limits) -> dict[str, str]:
    """Return for each participant `done`, `failed`, `waiting` or `overdue`; empty before they were asked.

    Whoever had to be asked more than once stays overdue until it confirms.
    """
    missing = erasure.unconfirmed
    overdue = bool(missing) and (erasure.attempt > 1 or now >= erasure.asked_at + limits.step_limit)

    def word(name: str) -> str:
        if name not in missing:
            return "done"
        if overdue:
            return "overdue"
        return "failed" if name in erasure.answers else "waiting"

    return {name: word(name) for name in erasure.participants}


@enforces(ERASE_AFTER_INACTIVE)
def is_late(erasure: Erasure, now: datetime, limits: Limits) -> bool:
    """Say whether the days allowed for carrying out a due erasure have passed without its certificate."""
    return erasure.state not in FINISHED and calendar.oslo_date(now) >= late_from(erasure, limits)


@enforces(ERASE_AFTER_INACTIVE)
def late_from(erasure: Erasure, limits: Limits) -> date:
    """The first day on which an erasure without a certificate is late."""
    since = max(erasure.due_on, erasure.resumed_on or erasure.due_on)
    return since + timedelta(days=limits.live_completion_days + 1)


@enforces(LIFE_CYCLE_BY_LAW)
def is_overdue(erasure: Erasure, now: datetime, limits: Limits) -> bool:
    """Say whether a participant of an erasure has not confirmed in the time it has for that."""
    return erasure.state is State.ORDERED and "overdue" in progress(erasure, now, limits).values()
