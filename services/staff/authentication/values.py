"""Passkeys, challenges and sessions, as several features see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.staff.people.values import Person


class CeremonyKind(StrEnum):
    """What a challenge is for. An answer to one kind is none to another."""

    ENROLMENT = "enrolment"
    LOG_IN = "log_in"


class SessionKind(StrEnum):
    """Where a session is held: in a browser at the desk, or in a file of the command line."""

    DESK = "desk"
    COMMAND_LINE = "command_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """A challenge that waits for its answer. An enrolment is one person's; who logs in is not known yet."""

    id: UUID
    kind: CeremonyKind
    person_id: UUID | None
    challenge: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key of somebody of the staff. `public_key` is in COSE, `counter` the last one that it showed.

    `synced` says whether its owner may copy it to other devices, `backed_up` whether that was done, `way` by what
    they might enrol it.
    """

    id: UUID
    person_id: UUID
    credential_id: bytes
    public_key: bytes
    aaguid: UUID
    counter: int
    synced: bool
    backed_up: bool
    transports: tuple[str, ...]
    way: str
    enrolled_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_because: str | None = None
    suspected_at: datetime | None = None
    """Since when somebody is known to have a copy of it."""
    enrolment_line: bytes | None = None
    """The signed line of the ledger that tells of it, which proves approvals; None for its first moments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of an answer to a challenge: the passkey that proved it, or why it proves nothing.

    A refusal names the passkey too where it was one of ours.
    """

    passkey: Passkey | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """When a session began and was last used, and when its holder last proved who they are."""

    created_at: datetime
    seen_at: datetime
    authenticated_at: datetime
    kind: SessionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that is open, and whose it is. `passkey_id` is the key that opened it."""

    id: UUID
    person: Person
    passkey_id: UUID
    state: SessionState
