"""What staff publishes where somebody failed to prove who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class ProofRefused(Event):
    """Somebody brought a passkey, or a code, that proves nothing; without a name where it names nobody.

    `purpose` is what it was for, `reason` one of `shared.webauthn.REASONS` or of
    `services.staff.authentication.proving.REASONS`. A counter that fell says that a key was copied.
    """

    type: ClassVar[str] = "staff.proof_refused"
    source: ClassVar[str | None] = "staff"

    attempt_id: UUID
    staff_code: Code | None
    passkey_id: UUID | None
    purpose: Code
    reason: Code

    @property
    def subject(self) -> str:
        """The person where one is named, else the attempt alone."""
        return f"staff/{self.staff_code}" if self.staff_code else f"attempt/{self.attempt_id}"
