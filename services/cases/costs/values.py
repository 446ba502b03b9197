"""Who pays for what a deviation costs: a decision of persons, for a reason from a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

VENDOR: Final = "vendor"
CUSTOMER: Final = "customer"
VENDOR_REASONS: Final = ("own_fault", "cause_not_proved", "not_charged")
CUSTOMER_REASONS: Final = ("reckless_use", "reckless_storage_of_sensitive_data")
"""The only ones for which a customer pays (COST-1)."""
DECIDED_IN: Final = ("incident", "breach_controller", "breach_processor", "nonconformity")
"""The kinds of cases that are deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDecision:
    """Who pays, in one case, for the part of one customer or (without one) for all of it.

    It is never changed, but that it names a customer no more who was erased; the newest one about the same counts.
    What a customer pays for is proved by a document, and another person has approved it.
    """

    id: UUID
    case_id: UUID
    account_id: UUID | None
    customer_erased: bool
    bearer: str
    reason: str
    evidence_sha256: str | None
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approval_id: UUID | None
