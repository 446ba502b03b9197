"""Replaced addresses, which are kept until their letter is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAddress:
    """Since when an address is not a user's any more, and when the letter that tells it was last fetched."""

    replaced_at: datetime
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A replaced address as it lies sealed, and until when it is known now that its letter is being written."""

    row: dict[str, Any]
    known_until: datetime
