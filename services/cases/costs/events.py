"""What is told of who pays for a deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import AboutCase, CaseFact
from shared.events import Code, Digest


@dataclass(frozen=True, kw_only=True)
class CaseCostDecided(CaseFact):
    """Persons have decided who pays for a deviation: the vendor, or one customer, which two persons sign.

    `account_id` is the customer whose part it is about, null for all of it.
    """

    type: ClassVar[str] = "case.cost_decided"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    cost_id: UUID
    account_id: UUID | None
    bearer: Code
    reason: Code
    digest: Digest | None
    approved_by: Code | None
    approval_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CaseChargeDecided(AboutCase):
    """One customer is to pay for its part of a deviation, or is not to pay any more; it is told so.

    `bearer` is who pays now, `reason` why, both as the decision has them.
    """

    type: ClassVar[str] = "case.charge_decided"

    cost_id: UUID
    account_id: UUID
    bearer: Code
    reason: Code
