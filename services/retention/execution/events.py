"""What retention publishes while an erasure is carried out, from the last letter to the certificate.

What it says to the participants, and they to it, is in `shared/participation/events.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class ErasureAnnounced(AboutAccount, Event):
    """The erasure is about to be carried out: the last letter is written now, while the address is known.

    `trigger` is what began it, as in `erasure.scheduled`; None in events from before it was told.
    """

    type = "erasure.announced"
    erasure_id: UUID
    user_id: UUID | None = None
    certificate_id: UUID
    backups_expire_on: date
    trigger: Code | None = None


@dataclass(frozen=True, kw_only=True)
class ErasureHalted(Event):
    """More erasures fell due in one run than the brake allows; none is begun until a person has looked."""

    type = "erasure.halted"
    source = "retention"
    run_id: UUID
    count: int
    limit: int

    @property
    def subject(self) -> str:
        """The run."""
        return f"run/{self.run_id}"


@dataclass(frozen=True, kw_only=True)
class ErasureReleased(AboutAccount, Event):
    """Two persons have looked at one halted erasure and let it go on; several at once are an event each."""

    type = "erasure.released"
    erasure_id: UUID
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AccountErased(AboutAccount, Event):
    """Every participant has confirmed, the keys are destroyed, the certificate is issued: lost for ever (L206).

    `partial` where something is held and comes later, with an event and a certificate of its own.
    """

    type = "account.erased"
    certificate_id: UUID
    partial: bool | None = None


@dataclass(frozen=True, kw_only=True)
class UserErased(AboutAccount, Event):
    """One person of an account is forgotten; the company's account goes on. `partial` where something is held."""

    type = "user.erased"
    user_id: UUID
    certificate_id: UUID
    partial: bool | None = None
