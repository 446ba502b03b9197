"""How long a form is kept for whoever comes back to it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

KEPT: Final = timedelta(hours=1)
MOST: Final = 20
"""So many forms of one person are kept, the newest."""


def is_kept(kept_at: datetime, now: datetime) -> bool:
    """Whether whoever comes back now finds it."""
    return now < kept_at + KEPT
