"""How long a replaced address is kept. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.account.email_change.values import FormerAddress
from shared.terms import enforces
from shared.terms.clauses import erasure

FORMER_ADDRESS_KEPT: Final = timedelta(hours=24)
FORMER_ADDRESS_AFTER_FETCH: Final = timedelta(hours=1)
"""A letter of which nobody knows whether it left is made once more, within half an hour."""


@enforces(erasure.ERASE_WHEN_NOT_NEEDED)
def former_address_is_kept(former: FormerAddress, now: datetime) -> bool:
    """Whether a replaced address may still be had, for the letter that tells it and for nothing else."""
    return now < former_address_ends_at(former)


def former_address_ends_at(former: FormerAddress) -> datetime:
    """When a replaced address is forgotten: a day after, or an hour after its letter was made."""
    latest = former.replaced_at + FORMER_ADDRESS_KEPT
    return latest if former.fetched_at is None else min(latest, former.fetched_at + FORMER_ADDRESS_AFTER_FETCH)
