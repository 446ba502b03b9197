"""What staff publishes about acts that take two persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class ApprovalEvent(Event):
    """Base of all events about an approval; who acts is in the envelope."""

    source: ClassVar[str | None] = "staff"

    approval_id: UUID
    act: Code

    @property
    def subject(self) -> str:
        """The approval."""
        return f"approval/{self.approval_id}"


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(ApprovalEvent):
    """Somebody asks for an act that takes two persons."""

    type: ClassVar[str] = "approval.requested"

    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApprovalEdited(ApprovalEvent):
    """Somebody changed what is asked for: an approval that was given before is void, also after a restore."""

    type: ClassVar[str] = "approval.edited"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)


@dataclass(frozen=True, kw_only=True)
class ApprovalGiven(ApprovalEvent):
    """Another person approved it with a passkey."""

    type: ClassVar[str] = "approval.given"

    passkey_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApprovalEnded(ApprovalEvent):
    """It is over for ever.

    `reason` is `carried_out`, `refused`, `withdrawn` or `expired`, `because` why somebody refused.
    """

    type: ClassVar[str] = "approval.ended"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    reason: Code
    because: Code | None


@dataclass(frozen=True, kw_only=True)
class ApprovalNotTaken(ApprovalEvent):
    """Somebody wanted to ask, approve, change or end what they may not; nothing changed. `wanted` is which."""

    type: ClassVar[str] = "approval.not_taken"

    wanted: Code
    reason: Code
