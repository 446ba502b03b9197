"""What happened, before and after it has its place in the trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

FACTS_LIMIT_BYTES: Final = 4096
FIELD_NAMES_LIMIT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Something that happened, before it has its place in the trail: the ids are still the system's own.

    `facts` is canonical JSON of ids of things, codes, counts, dates and flags. Persons and companies stand in
    `account_id`, `user_id`, `subject`, `actor` and `seen` only, where the sequencer replaces them.
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
    seen: list[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """A row of the trail. `account_ref`, `user_ref`, and ids in `subject`, `actor` and the fact `seen` are random.

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


def uuid_of(text: str) -> UUID | None:
    """The id, None where the text is none: members of staff have names."""
    try:
        return UUID(text)
    except ValueError:
        return None
