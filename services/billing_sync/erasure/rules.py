"""What stays at Tripletex after an erasure, and what is told of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.billing_sync.customer_links.rules import COPY
from services.billing_sync.tripletex.values import NO_ADDRESS
from shared.hold_scope import Held
from shared.participation.values import Step
from shared.terms import enforces
from shared.terms.clauses import erasure, parties

BOOKKEEPING_YEARS: Final = 5
"""Bokføringsloven § 13: five years after the end of the financial year."""
BLANK: Final = {
    "email": "",
    "invoiceEmail": "",
    "overdueNoticeEmail": "",
    "phoneNumber": "",
    "phoneNumberMobile": "",
    "description": "",
    "website": "",
    "postalAddress": dict(NO_ADDRESS),
    "physicalAddress": dict(NO_ADDRESS),
}
ERASED_NAME: Final = "Slettet kunde"


@enforces(parties.TRIPLETEX_FOR_CONTACT, erasure.ERASE_AFTER_INACTIVE)
def minimised_fields(customer_number: int, *, has_bookkeeping: bool) -> dict[str, Any]:
    """What a customer is blanked to at erasure.

    Name and organisation number stay only where issued invoices or orders need their buyer; else they go too.
    """
    fields: dict[str, Any] = {**BLANK, "isInactive": True}
    if not has_bookkeeping:
        fields |= {"name": f"{ERASED_NAME} {customer_number}", "organizationNumber": ""}
    return fields


@enforces(parties.TRIPLETEX_FOR_ACCOUNTS)
def bookkeeping_until(last_document: date) -> date:
    """Until when a document of that date must be kept: five years after the end of its year."""
    return date(last_document.year + BOOKKEEPING_YEARS, 12, 31)


@enforces(erasure.LOST_FOR_EVER)
def minimised(*, customers: int, contacts: int, has_bookkeeping: bool = False, held: bool = False) -> Step:
    """What an erasure has to tell of Tripletex, honestly including what stays by law, and what is held."""
    counts = {"tripletex_customers": customers, "tripletex_contacts": contacts}
    return Step.of(counts, retained=("tripletex_bookkeeping",) if has_bookkeeping else (), held=held)


@enforces(erasure.HOLD_IN_DISPUTE)
def kept_whole(known: Collection[UUID], user_id: UUID | None) -> Step:
    """What is told where all of it is held: nothing was done, and whether there is anything to keep."""
    return minimised(customers=0, contacts=0, held=user_id in known if user_id else bool(known))


def foreseen(known: Collection[UUID], user_id: UUID | None, held: Held, *, has_customer: bool) -> Step:
    """What minimising would come to, of what we know; what bookkeeping keeps is known to Tripletex only."""
    if held.covers(user_id, COPY):
        return kept_whole(known, user_id)
    if user_id is not None:
        return minimised(customers=0, contacts=int(user_id in known))
    spared = set(known) & set(held.users_of(COPY))
    return minimised(customers=int(has_customer), contacts=len(known) - len(spared), held=bool(spared))
