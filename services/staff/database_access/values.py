"""Access of one person to one database, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AccessEnding(StrEnum):
    """Why an access is over."""

    OVER = "over"
    """Its time."""
    GIVEN_BACK = "given_back"
    """Whoever had it needs it no longer."""
    TAKEN_AWAY = "taken_away"
    """Another person ended it."""
    NOT_PERMITTED = "not_permitted"
    """Their grant, undertaking, training or keys do not count any more."""
    LEFT = "left"
    NOT_OPEN = "not_open"
    """The role in the database was closed by somebody else, as by a restore of the staff's own database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """That a person may look into a database until it expires. `purpose` and `reason` are codes."""

    id: UUID
    person_id: UUID
    code: str
    of_database: str
    reason: str
    purpose: str
    opened_at: datetime
    expires_at: datetime
    approved_by: str
    password_made_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_because: AccessEnding | None = None
