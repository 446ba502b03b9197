"""How long something may take, and when that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Unit(StrEnum):
    """What a limit is counted in."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    MONTHS = "calendar months"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit, at least one."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Raise `ValueError` for a limit that is over when it begins."""
        if self.amount < 1:
            raise ValueError("a limit is at least one")


@dataclass(frozen=True, slots=True)
class Deadline:
    """Two instants in UTC: we want to be done before the first, and the law is broken from the second on.

    They differ only for statutory periods of months that end on a closed day (C4).
    """

    internal_due: datetime
    statutory_due: datetime
