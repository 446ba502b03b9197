"""What staff publishes about undertakings and training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class PrerequisiteRecorded(StaffEvent):
    """Somebody signed the undertaking of confidentiality, or their training was recorded.

    `kind` is `undertaking` or `training`; it counts until it expires. Who acts is the person, or for training
    another one.
    """

    type: ClassVar[str] = "staff.prerequisite_recorded"

    prerequisite_id: UUID
    kind: Code
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class PrerequisiteWithdrawn(StaffEvent):
    """An undertaking or a training counts no more, because it was `mistaken` or is `outdated`.

    Without another one that counts the person may do nothing from this moment on, whatever backup comes back.
    """

    type: ClassVar[str] = "staff.prerequisite_withdrawn"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    prerequisite_id: UUID
    kind: Code
    reason: Code


@dataclass(frozen=True, kw_only=True)
class PrerequisiteExpired(StaffEvent):
    """The time of an undertaking or a training is over. Without another one the person may do nothing."""

    type: ClassVar[str] = "staff.prerequisite_expired"

    prerequisite_id: UUID
    kind: Code
