"""Who pays for a deviation: decided by persons, by two of them where it is a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.cases.board.calls import SEES
from services.cases.costs.values import CUSTOMER_REASONS, VENDOR_REASONS
from services.cases.decisions.calls import LEADS, REFUSALS, CaseChanged, OfCase
from shared.calls import Call
from shared.errors import Forbidden, NotFound
from shared.records import Record
from shared.staff import Act


class BearCost(OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=LEADS)):
    """Decide that the vendor pays for a deviation, for all of it or for the part of one customer.

    It is free where nobody has decided. This takes back what was charged, too. A customer that is named is one that
    the case is about.
    """

    account_id: UUID | None = None
    reason: Annotated[str, OneOf(VENDOR_REASONS)]


class ChargeCustomer(
    Call[CaseChanged],
    service="cases",
    command=True,
    refusals=(*REFUSALS, Forbidden),
    staff=Act(roles=LEADS, two_persons=True),
):
    """Decide that one customer pays for its part of a deviation that it caused recklessly. Two persons sign it.

    The case is about that customer, and a document proves it. Notices of a breach are never charged.
    """

    case_id: UUID
    account_id: UUID
    reason: Annotated[str, OneOf(CUSTOMER_REASONS)]
    evidence_sha256: Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="64 figures and letters, 0-9 and a-f")]


class CostShown(Record):
    """A decision about who pays; `counts` is false where a newer one is about the same."""

    cost_id: UUID
    account_id: UUID | None
    customer_erased: bool
    bearer: str
    reason: str
    evidence_sha256: str | None
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approval_id: UUID | None
    counts: bool


class CostsShown(Record):
    """The newest first. Where there is none, mending is free."""

    costs: tuple[CostShown, ...]


class ShowCosts(Call[CostsShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """Who pays for a deviation."""

    case_id: UUID
