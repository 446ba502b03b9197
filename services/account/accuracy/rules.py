"""How often a customer is asked whether its data are right. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.terms import enforces
from shared.terms.clauses import collection, duties, protection
from shared.terms.parameters import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """In calendar months, each counted from a day in Oslo (C2)."""

    review: int
    """From the sign-up, or the last time an owner said that all is right."""
    first_address: int
    """From a sign-up without any address, where nobody has said yet that none is needed."""
    repeat: int
    """From a letter that nobody has answered."""


@enforces(protection.CONFIDENTIAL_AND_CORRECT, duties.FOUR_ATTESTATIONS, collection.BILLING_DATA_LATER)
def intervals(today: date) -> Intervals:
    """The intervals in force on a day."""
    return Intervals(
        review=in_force("accuracy.review", today).default,
        first_address=in_force("accuracy.first_address", today).default,
        repeat=in_force("accuracy.repeat", today).default,
    )
