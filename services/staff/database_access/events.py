"""What staff publishes about access to the databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class AboutAccess(StaffEvent):
    """Base of all events about somebody's access to a database."""

    access_id: UUID
    database: Code


@dataclass(frozen=True, kw_only=True)
class DatabaseAccessOpened(AboutAccess):
    """Somebody may look into a database until then, by the approval of another person."""

    type: ClassVar[str] = "staff.database_access_opened"

    reason: Code
    purpose: Code
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class DatabasePasswordSet(AboutAccess):
    """They have set a password for it; one from before works no more."""

    type: ClassVar[str] = "staff.database_password_set"


@dataclass(frozen=True, kw_only=True)
class DatabaseAccessEnded(AboutAccess):
    """Nobody logs in by it any more, also after a restore.

    `reason` is `over`, `given_back`, `taken_away`, `not_permitted`, `left` or `not_open`.
    """

    type: ClassVar[str] = "staff.database_access_ended"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    reason: Code
