"""When even the fact that somebody was erased is forgotten: once no backup can bring that person back.

What remains after an erasure says which id was erased and when. While a backup exists that still holds the rows,
such an id points to somebody, and is needed so that a restore erases anew. After that it is needed by nobody.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from shared.calendar import oslo_date
from shared.terms.clauses.erasure import NEVER_RESTORED
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces

MARGIN: Final = timedelta(days=7)
"""Beyond the age of the oldest backup, for one that is being restored or removed."""


@enforces(NEVER_RESTORED)
def forgotten_on(now: datetime) -> date:
    """The day on which what is erased now is forgotten altogether."""
    return oslo_date(now) + _kept(now)


@enforces(NEVER_RESTORED)
def forgotten_before(now: datetime) -> datetime:
    """What was erased before this instant is forgotten now: no backup is left that lacks its erasure."""
    return now - _kept(now)


def _kept(now: datetime) -> timedelta:
    return timedelta(days=in_force("backup.max_age", oslo_date(now)).default) + MARGIN
