"""A device that waits to be let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Decision(StrEnum):
    """What a person decided about a device."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A device that waits: how often it asked, and what was decided about it in which session."""

    id: UUID
    begun_at: datetime
    asked_at: datetime | None
    polls: int
    decision: Decision | None
    decided_in: UUID | None
