"""What staff publishes about recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class AboutRecoveryCodes(StaffEvent):
    """Base of all events about the recovery codes of one person, made as a set."""

    set_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(AboutRecoveryCodes):
    """Somebody made recovery codes; those of theirs from before do not work any more."""

    type: ClassVar[str] = "recovery_codes.made"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(AboutRecoveryCodes):
    """A recovery code enrolled a passkey, and does not work any more."""

    type: ClassVar[str] = "recovery_codes.used"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    code_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesBurnt(AboutRecoveryCodes):
    """No code of the set works any more: `reason` is `own_wish`, `recovered` or `left`."""

    type: ClassVar[str] = "recovery_codes.burnt"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    reason: Code
