"""How often one person may do something within 24 hours. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.errors import ASK_VENDOR, TooMany
from shared.wait_bounds import noted_by

DAY: Final = timedelta(hours=24)


def check_daily(earlier: Iterable[datetime], now: datetime, *, limit: int, says: str) -> None:
    """Raise `TooMany`, which `says` the limit, whom to ask, and when there is room again.

    `earlier` are the instants at which the person did so before. What a wrong clock dated ahead counts for nothing.
    """
    counted = sorted(at for at in earlier if at > now - DAY and noted_by(at, now))
    if len(counted) < limit:
        return
    wait = counted[-limit] + DAY - now
    raise TooMany(
        says,
        details={"retry_after_seconds": max(1, math.ceil(wait.total_seconds())), "limit": limit, **ASK_VENDOR},
    )
