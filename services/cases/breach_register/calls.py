"""The register of breaches (GDPR article 33(5)): all of them, notified or not, with facts, effects and measures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Range

from services.cases.board.calls import SEES
from shared.calls import Call
from shared.records import Record
from shared.staff import Act, Role

PAGE_MOST: Final = 200


class DecidedInRegister(Record):
    """What was decided about a breach, or about the incident before it. It names nobody."""

    step: str
    reason: str
    decided_at: datetime
    is_late: bool
    late_reason: str | None


class NoticeInRegister(Record):
    """A notice that was decided: to how many, and how many were told from when to when."""

    number: int
    audience: str
    is_partial: bool
    decided_at: datetime
    recipients: int
    told: int
    first_told_at: datetime | None
    last_told_at: datetime | None


class BreachInRegister(Record):
    """One breach, in one part of ours; where both are concerned it is two, each the `twins` of the other.

    `incident` is the reference of the incident that it was decided in. Counts stay where people are erased.
    What happened, to whom and which data, what it leads to and what was done is of its last notice, or of that of
    its twin; empty where nobody has written one.
    """

    case_id: UUID
    reference: str
    kind: str
    party: str
    incident: str | None
    twins: tuple[str, ...]
    signal: str
    state: str
    opened_at: datetime
    ended_at: datetime | None
    occurred_from: datetime | None
    occurred_to: datetime | None
    detected_at: datetime | None
    aware_at: datetime | None
    notified_at: datetime | None
    natures: tuple[str, ...]
    causes: tuple[str, ...]
    groups: tuple[str, ...]
    data: tuple[str, ...]
    whereabouts: tuple[str, ...]
    records: int | None
    consequences: tuple[str, ...]
    measures: tuple[str, ...]
    customers: int | None
    persons: int | None
    severity_score: str | None
    severity_band: str | None
    decisions: tuple[DecidedInRegister, ...]
    notices: tuple[NoticeInRegister, ...]


class BreachesRegistered(Record):
    """A page of the register, the first breach first; `complete` is false where more follow."""

    breaches: tuple[BreachInRegister, ...]
    complete: bool


class BreachRegister(Call[BreachesRegistered], service="cases", staff=Act(roles=(*SEES, Role.BOARD))):
    """The register of breaches, page by page: those after the case `after`, from the first one without it.

    It names no customer, no person and nobody of the staff.
    """

    after: UUID | None = None
    limit: Annotated[int, Range(min=1, max=PAGE_MOST)] = PAGE_MOST
