"""What is told of who pays for a deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import CaseFact
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
