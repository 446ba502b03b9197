"""A record and its revisions. A revision is never changed: what is so now stands in the last one.

Valid time is when something counts, in days by the calendar in Oslo; recorded time is when we wrote it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class State(StrEnum):
    """How far a record has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """It waits for another person's approval."""
    IN_FORCE = "in_force"
    ENDED = "ended"


OPEN: Final = frozenset({State.DRAFT, State.SUBMITTED})
"""What may still change; it counts for nobody."""
END_REASONS: Final = ("withdrawn", "expired", "replaced", "entered_wrongly", "not_wanted")
"""Why a record ends. `replaced` is by another one of the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves a record: the SHA-256 of the document, and the day from which that one counts."""

    sha256: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How a record stood from `recorded_at` on, and who wrote it down.

    It counts from `valid_from` on, and before `valid_to` where that is known. `content` has its fields, but for
    those that name people of a customer, which are in `people`. `requested_by`, `approved_by` and `approval_id` are
    of the two persons who put it in force.
    """

    number: int
    state: State
    valid_from: date
    valid_to: date | None
    review_on: date | None
    content: Mapping[str, str]
    evidence: Evidence | None
    recorded_at: datetime
    recorded_by: str
    requested_by: str | None = None
    approved_by: str | None = None
    approval_id: UUID | None = None
    reason: str | None = None
    people: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record with all its revisions, the oldest first."""

    id: UUID
    kind: str
    kind_version: int
    account_id: UUID | None
    key: str
    revisions: tuple[Revision, ...]

    @property
    def last(self) -> Revision:
        """How it stands now."""
        return self.revisions[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a draft says."""

    kind: str
    account_id: UUID | None
    valid_from: date
    valid_to: date | None
    review_on: date | None
    fields: Mapping[str, str]
    evidence: Evidence | None
