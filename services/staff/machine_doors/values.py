"""What whoever is root on the machine did past the gate of staff, and that two persons have seen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Door(StrEnum):
    """A door of the machine itself: it opens for whoever is root there, while staff's own may be shut."""

    BACKUP = "backup"
    RESTORE = "restore"
    KEYS_ROTATE = "keys_rotate"
    KEYS_FORGET = "keys_forget"
    KEYS_RENEW = "keys_renew"
    KEYS_RESEAL = "keys_reseal"
    LEDGER_ACCEPT = "ledger_accept"
    STAFF_INVITE = "staff_invite"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorUse:
    """That a door was used. `approval_id` is the approval by which two persons have countersigned it."""

    id: UUID
    door: str
    used_at: datetime
    approval_id: UUID | None = None
    countersigned_at: datetime | None = None
