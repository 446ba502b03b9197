"""Later has an upper bound: no stored instant, header or clock puts anything off for longer than a stated time.

Whoever waits says where the wait is read how long it can be at most. An instant that lies further ahead was
written by a clock that was wrong, or asked for by mistake: it counts as one that has come. Pure; the
same rules are the SQL functions `is_due` and `is_leased` of every service's database.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

AHEAD: Final = timedelta(minutes=5)
"""By how much clocks of one system may differ. What is dated further ahead than this has a wrong date."""

LONGEST_WAIT: Final = timedelta(hours=1)
"""Nothing is put off for longer because a vendor asks for it."""
YEAR_SECONDS: Final = 365 * 86_400.0

FORWARD: Final = timedelta(days=7)
"""A system that stood still for longer may be right, and so may a clock that jumped: a person tells them apart."""
BACKWARD: Final = timedelta(hours=1)
"""By how much a clock may go back: more than any correction of one that was right."""


def is_due(instant: datetime, now: datetime, at_most: timedelta) -> bool:
    """Whether what waits for this instant goes on: it has come, or lies further ahead than it ever may."""
    return not is_leased(instant, now, at_most)


def is_leased(until: datetime | None, now: datetime, at_most: timedelta) -> bool:
    """Whether something is still ahead, and not further than it ever may be: a lease, a pause, a wait."""
    return until is not None and now < until and until - now <= at_most


def bounded(instant: datetime, now: datetime, at_most: timedelta) -> datetime:
    """The instant, but no later than `at_most` from now."""
    return instant if instant - now <= at_most else now + at_most


def noted_by(instant: datetime, now: datetime) -> bool:
    """Whether something can have been noted at this instant: it is not ahead of now by more than clocks differ."""
    return instant - now <= AHEAD


def duration(text: str | None) -> timedelta | None:
    """As many seconds as somebody else wrote, none to a year; None where it is no number."""
    try:
        seconds = float(text) if text is not None else math.nan
    except ValueError:
        seconds = math.nan
    return None if math.isnan(seconds) else timedelta(seconds=min(max(seconds, 0.0), YEAR_SECONDS))


def has_jumped(seen_at: datetime | None, now: datetime) -> bool:
    """Whether the clock cannot be believed, given when it was looked at last: nothing is destroyed by it."""
    return seen_at is not None and not -BACKWARD <= now - seen_at <= FORWARD
