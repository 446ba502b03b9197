"""What somebody on duty is called for, and how far up it has gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Cause(StrEnum):
    """Why somebody is called to a case."""

    OPENED = "opened"
    WARNING = "warning"
    """A clock has come to one of its warnings."""
    OVER = "over"
    """A clock is over; whoever is next answers for the case by now."""
    NOT_CARRIED_OUT = "not_carried_out"
    """Something was decided and is not carried out in time."""
    NOT_TOLD = "not_told"
    """Of some whom a decided notice goes to, nobody knows whether they were told."""
    MORE_NAMED = "more_named"
    """In an attack of which a case is open somebody else got in."""


class Rung(IntEnum):
    """Who is called, and who after them where nobody comes."""

    ON_DUTY = 0
    NEXT = 1
    LEADS = 2
    LEADS_AGAIN = 3

    @property
    def level(self) -> str:
        """What it is called outside of this service."""
        return {Rung.ON_DUTY: "on_duty", Rung.NEXT: "next"}.get(self, "leads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What somebody is called for, of an open case: `kind` and `owner` are the case's, `called` whoever was called.

    `rung` is the one that is called next.
    """

    id: UUID
    case_id: UUID
    kind: str
    owner: str | None
    rung: int
    called: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message to a person that has not left."""

    alert_id: UUID
    case_id: UUID
    kind: str
    cause: str
    rule: str | None
    due_at: datetime | None
    rung: int
