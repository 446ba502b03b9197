"""What staff publishes about grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class GrantGiven(StaffEvent):
    """Somebody was granted a role for a purpose until it expires.

    `account_ids` are the customers that it reaches, null where it reaches all. `bootstrap` marks the grants of the
    first administrators, which are made on the machine.
    """

    type: ClassVar[str] = "staff.grant_given"

    grant_id: UUID
    role: Code
    purpose: Code
    begins_at: datetime
    expires_at: datetime
    bootstrap: bool
    account_ids: list[UUID] | None = None


@dataclass(frozen=True, kw_only=True)
class GrantRevoked(StaffEvent):
    """A grant gives nothing any more: it was `revoked`, or its holder has `left`. No restore brings it back.

    It bites at the next call; sessions stay, and are good for what else is granted.
    """

    type: ClassVar[str] = "staff.grant_revoked"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    grant_id: UUID
    role: Code
    reason: Code


@dataclass(frozen=True, kw_only=True)
class GrantExpired(StaffEvent):
    """The time of a grant is over, and it gives nothing any more."""

    type: ClassVar[str] = "staff.grant_expired"

    grant_id: UUID
    role: Code
