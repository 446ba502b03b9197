"""When attempts that failed are too many. Pure.

A brake here keeps nobody from proving who they are: whoever has the passkey or the recovery code is let in
however often others have failed in their name, for no number of tries finds either of them. What it stops is noise,
and the guessing of what is short enough to be guessed: the code of a device.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.errors import TooMany
from shared.wait_bounds import noted_by

FREE: Final = 10
"""So many may fail within the window; the next one is too many."""
WINDOW: Final = timedelta(hours=1)
CLOSED: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=1)


def closed_until(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when the brake is on, None where it is off. What comes while it is on does not count, so it opens."""
    recent = recent_failures(failures, now)
    if len(recent) < FREE:
        return None
    until = recent[-1] + CLOSED
    return until if until > now else None


def recent_failures(failures: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those that count, oldest first; one dated ahead of now would keep the brake on until then."""
    return sorted(at for at in failures if at > now - WINDOW and noted_by(at, now))[-FREE:]


def too_many(until: datetime, now: datetime) -> TooMany:
    """What whoever failed once more is told."""
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return TooMany(details={"reason": "too_many_failures", "retry_after_seconds": seconds})
