"""What staff publishes about passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code, Digest


@dataclass(frozen=True, kw_only=True)
class AboutPasskey(StaffEvent):
    """Base of all events about a passkey of somebody of the staff."""

    passkey_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasskeyEnrolled(AboutPasskey):
    """Somebody enrolled a key. `key` is the SHA-256 of its public half (COSE).

    The ledger signs it, and by that line what the key approved is verified years later, without us.

    `way` is `invitation`, `session`, `recovery_code` or `recovery_link`, `binding` is `synced` or `device_bound`.
    """

    type: ClassVar[str] = "passkey.enrolled"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    key: Digest
    way: Code
    binding: Code


@dataclass(frozen=True, kw_only=True)
class PasskeyRevoked(AboutPasskey):
    """A key proves nothing any more, and the sessions that it opened have ended."""

    type: ClassVar[str] = "passkey.revoked"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    reason: Code
