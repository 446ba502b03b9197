"""A letter and a mailing as rows of the queue, the states of a letter, and what to do where one is not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.notification.letters.kinds import LETTERS
from services.notification.letters.values import Facts, LetterKind

LIST_LIMIT: Final = 200
"""So many rows one reply holds."""


class State(StrEnum):
    """Where a letter is. The first six are ours to decide, the last five are told by Mailgun."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, kw_only=True)
class LetterRequest:
    """What asks for a letter: an event with its facts, and until when the letter is worth sending."""

    event_id: UUID
    letter: str
    account_id: UUID
    requested_at: datetime
    expires_at: datetime
    facts: Facts

    @property
    def kind(self) -> LetterKind:
        """The kind of the letter."""
        return LETTERS[self.letter]


@dataclass(frozen=True, kw_only=True)
class Letter(LetterRequest):
    """One letter to one person, as claimed for work."""

    id: UUID
    mailing_id: UUID | None
    user_id: UUID
    renewal: int
    state: State
    attempts: int
    checks: int
    begun_at: datetime | None
    sent_at: datetime | None
    claim_id: UUID | None = None
    address_index: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mailing(LetterRequest):
    """A letter to those of a company who shall have it, before it is known who they are.

    Of one `in_doubt` letters may have left before a restore: each is asked for at the provider before it leaves.
    """

    id: UUID
    user_id: UUID | None
    attempts: int
    claim_id: UUID | None = None
    in_doubt: bool = False


@dataclass(frozen=True)
class Wait:
    """Ask Mailgun again at this instant."""

    until: datetime


@dataclass(frozen=True)
class Resend:
    """The letter did not go out: send it."""


@dataclass(frozen=True)
class Renew:
    """Send a letter of the same kind with a new code at once; whichever arrives, the newest code counts."""


@dataclass(frozen=True)
class GiveUp:
    """Do not try again, for this reason."""

    reason: str
