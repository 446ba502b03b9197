"""The plain values that audit's rules work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

FACTS_LIMIT_BYTES: Final = 4096
FIELD_NAMES_LIMIT: Final = 50

REFUSED_PURPOSES: Final = ("attendance", "performance", "working_hours")
"""Known by name, so that the refusal can say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Something that happened, before it has its place in the trail: the ids are still the system's own.

    `facts` is canonical JSON of ids of things, codes, counts, dates and flags. Persons and companies stand in
    `account_id`, `user_id`, `subject` and `actor` only, where the sequencer replaces them.
    """

    event_id: UUID
    type: str
    version: int
    source: str
    occurred_at: datetime
    recorded_at: datetime
    subject: str
    actor: str
    account_id: UUID | None
    user_id: UUID | None
    correlation_id: UUID
    causation_id: UUID | None
    field_names: list[str]
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """A row of the trail. `account_ref` and `user_ref` are random, and so are the ids in `subject` and `actor`.

    Only the table `subject_link` knows whom they stand for, and erasure empties it.
    """

    seq: int
    event_id: UUID
    type: str
    version: int
    source: str
    occurred_at: datetime
    recorded_at: datetime
    subject: str
    actor: str
    account_ref: UUID | None
    user_ref: UUID | None
    correlation_id: UUID
    causation_id: UUID | None
    field_names: list[str]
    facts: str


@dataclass(frozen=True, slots=True)
class Person:
    """A company, user or member of staff whose id must not enter the trail; `account_id` is whom a user belongs to.

    `id` is the system's id of it as text, or the login name of a member of staff.
    """

    kind: str
    id: str
    account_id: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEvent:
    """A login attempt. `user_id` is None where nobody knows whom it was meant for."""

    attempt_id: UUID
    occurred_at: datetime
    outcome: str
    reason: str | None
    account_id: UUID | None
    user_id: UUID | None
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOrigin:
    """A login attempt whose origin has not been fetched yet, and how often that was tried."""

    attempt_id: UUID
    occurred_at: datetime
    account_id: UUID | None
    user_id: UUID | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is kept of where a login came from: sealed for a person we know, an index for a stranger."""

    attempt_id: UUID
    state: str
    ip_sealed: bytes | None = None
    user_agent_sealed: bytes | None = None
    address_index: bytes | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the trail that is not as it was written; `at` is a row's or a checkpoint's number."""

    code: str
    at: int


@dataclass(slots=True)
class Report:
    """The result of a verification. The trail is whole when `findings` is empty."""

    rows: int = 0
    tree_size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    unsealed_rows: int = 0
    resumed_from: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything was as it was written."""
        return not self.findings
