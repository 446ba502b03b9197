"""For how long something of the staff is recorded, and how long before its end it is told. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.calendar import months_before, oslo_date, start_of_day_oslo
from shared.terms.parameters import in_force


def forgotten_before(now: datetime) -> datetime:
    """Who left before then, and what ended before then, is recorded no longer."""
    today = oslo_date(now)
    return start_of_day_oslo(months_before(today, in_force("staff.record_after_exit", today).default))


def free_again_before(now: datetime) -> datetime:
    """Whose record went before then has a code that may be somebody else's."""
    today = oslo_date(now)
    return start_of_day_oslo(months_before(today, in_force("staff.spent_code", today).default))


def warned_before(now: datetime) -> datetime:
    """What ends before then is told now, so that somebody sees to it in time."""
    return now + timedelta(days=in_force("staff.ends_soon", oslo_date(now)).default)
