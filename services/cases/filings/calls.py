"""For which customers the authority is notified by us, in one notice, because each gave a mandate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Range

from services.cases.board.calls import SEES
from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from services.registers.board.calls import SEES as SEES_REGISTERS
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Act

PAGE_MOST: Final = 500
"""Customers of one page: some 120 KiB, where the bus takes 256."""


class LookUpMandates(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Have it looked up which of the customers on the frozen list gave a mandate to notify the authority.

    It can be looked up again until a decision rests on it, and is once one has ended.
    """


class MandateShown(Record):
    """A customer with a mandate: its scope, until when it counts, and how many of its persons are concerned."""

    account_id: UUID
    mandate_id: UUID
    scope: str
    valid_to: date | None
    persons: int
    is_valid: bool


class FilingShown(Record):
    """A notice for several customers; `notified_at` is null until it was decided that it was given.

    `named` counts those that it names, `over` those of them whose mandate does not count today. `others` counts the
    customers on the list that it does not name: each gets the data to notify by itself.
    """

    filing_id: UUID
    asked_at: datetime
    looked_up_at: datetime | None
    extent: str | None
    notified_at: datetime | None
    named: int
    over: int
    others: int


class FilingsShown(Record):
    """The newest first."""

    filings: tuple[FilingShown, ...]


class ShowFilings(Call[FilingsShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """For whom the authority is, or was, notified by us."""

    case_id: UUID


class MandatesShown(Record):
    """A page of them in order of their customers; `next_after` is null where none follows."""

    mandates: tuple[MandateShown, ...]
    next_after: UUID | None


class ShowMandates(
    Call[MandatesShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES_REGISTERS, finds=True)
):
    """Which customers a filing names, page by page: those after the customer `after`, from the first without it.

    What a mandate says is seen by whoever sees it in its register.
    """

    case_id: UUID
    filing_id: UUID
    after: UUID | None = None
    limit: Annotated[int, Range(min=1, max=PAGE_MOST)] = PAGE_MOST
