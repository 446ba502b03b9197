"""Replaced addresses, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAddress:
    """Since when an address is not a user's any more, and when the letter that tells it was last fetched."""

    replaced_at: datetime
    fetched_at: datetime | None = None
