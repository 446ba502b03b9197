"""What records there are, how one stands, and what counted when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf

from services.registers.kinds.table import PRESENT
from shared.calls import Call
from shared.errors import NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import Act, Role

KEEPERS: Final = (Role.PRIVACY_LEAD, Role.INCIDENT_LEAD, Role.MANAGEMENT)
"""Who keeps registers."""
SEES: Final = (Role.CASE_HANDLER, *KEEPERS, Role.OPERATOR, Role.AUDITOR)
COUNTING_NAMED: Final = 500
KINDS: Final = tuple(PRESENT)
OF_CUSTOMERS: Final = frozenset(code for code, kind in PRESENT.items() if kind.of_account)
"""Kinds whose records are each about a customer."""


class RevisionShown(Record):
    """How a record stood from `recorded_at` on. `fields` has ids of people with spaces between them.

    It counts from `valid_from` on, and before `valid_to`; `approval_id` is of the two persons who put it in force.
    """

    version: int
    state: str
    valid_from: date
    valid_to: date | None
    review_on: date | None
    fields: Mapping[str, str]
    evidence_sha256: str | None
    evidence_on: date | None
    recorded_at: datetime
    recorded_by: str
    requested_by: str | None
    approved_by: str | None
    approval_id: UUID | None
    reason: str | None


class RecordShown(RevisionShown):
    """A record. `is_valid` says whether it counts on the day asked about, `ends_by_two` if two persons end it.

    `owner` answers for it, and for its review: who has written of it last, be it a draft, what put it in force, or
    that it is right. Whoever reviews it takes it over.
    """

    record_id: UUID
    kind: str
    owner: str
    account_id: UUID | None
    is_valid: bool
    is_review_overdue: bool
    ends_by_two: bool


class RecordsShown(PageShown):
    """A page of them, the newest first; it may hold few or none, and another may follow all the same."""

    records: tuple[RecordShown, ...]


class ListRecords(Paged, Call[RecordsShown], service="registers", staff=Act(roles=SEES, finds=True)):
    """Records of one kind or of all, of one company or of all.

    `valid_on` asks for those that count on that day, today where it is left out and `every` is false; `recorded_at`
    for how they stood by what was written down until then.
    """

    kind: Annotated[str, OneOf(KINDS)] | None = None
    account_id: UUID | None = None
    every: bool = False
    valid_on: date | None = None
    recorded_at: datetime | None = None


class CountingRecord(Record):
    """A record that counts on a day; `fields` has ids of people with spaces between them."""

    record_id: UUID
    account_id: UUID | None
    valid_from: date
    valid_to: date | None
    fields: Mapping[str, str]


class CountingRecordsShown(Record):
    """A page of them in order of their ids; `next_after` is null where none follows."""

    records: tuple[CountingRecord, ...]
    next_after: UUID | None


class CountingRecords(Call[CountingRecordsShown], service="registers", seconds=5.0):
    """Which records of a kind count on a day, of these companies or of all, for services that act by them.

    What is over, and what nobody has put in force, is not among them: whoever asks refuses.
    """

    kind: Annotated[str, OneOf(KINDS)]
    on: date
    account_ids: Annotated[tuple[UUID, ...], Length(max=COUNTING_NAMED)] = ()
    after: UUID | None = None


class RecordWhole(RecordShown):
    """A record with all its revisions, the oldest first."""

    revisions: tuple[RevisionShown, ...]


class ShowRecord(Call[RecordWhole], service="registers", refusals=(NotFound,), staff=Act(roles=SEES, finds=True)):
    """One record."""

    record_id: UUID
