"""What is copied to Tripletex, when it differs, and what stays there after an erasure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.account.companies.calls import CompanyFactsShown
from services.billing_sync.values import Contact, Customer, Found, Minimised
from shared.calendar import oslo_date
from shared.email_addresses import compared_email
from shared.errors import Invalid, Permanent
from shared.hold_scope import LEGAL_HOLD, Held
from shared.terms import enforces, erasure, parties, protection, rights
from shared.waits import AHEAD, bounded, is_leased

BOOKKEEPING_YEARS: Final = 5
"""Bokføringsloven § 13: five years after the end of the financial year."""

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"contact_link": "billing_copy", "customer_link": "billing_copy"}
)
"""Which category of data a table, and what it stands for at Tripletex, holds. A hold on it keeps that."""

NEVER_HELD: Final = ("job",)
"""Work that is to be done."""

ATTEMPTS: Final = 12
PAUSES_SECONDS: Final = (2, 5, 15, 60, 300, 900, 3600)
LEASE: Final = timedelta(seconds=120)
LEASE_MARGIN: Final = timedelta(seconds=20)
"""Longer than one call takes: what is begun within the lease ends within it."""
RECONCILE_AFTER: Final = timedelta(hours=24)
LATE_AFTER: Final = timedelta(minutes=15)
"""Work that is wanted for so long is told: Tripletex does not answer, or asks to wait."""
LONGEST_WAIT: Final = timedelta(hours=1)
"""A job is put off for no longer, whatever Tripletex asks for."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "job.due_at": 2 * LONGEST_WAIT,
        "job.lease_until": 5 * LEASE,
        "customer_link.synced_at": AHEAD,
    }
)
"""How far ahead the instants that work waits for may lie. What lies further ahead has come."""
BLANK: Final = {
    "email": "",
    "invoiceEmail": "",
    "overdueNoticeEmail": "",
    "phoneNumber": "",
    "phoneNumberMobile": "",
    "description": "",
    "website": "",
}
ERASED_NAME: Final = "Slettet kunde"


@enforces(parties.TRIPLETEX_FOR_CONTACT, parties.TRIPLETEX_FOR_ACCOUNTS)
def customer_fields(customer: Customer, customer_number: int) -> dict[str, Any]:
    """The fields of a Tripletex customer, no others. How invoices are sent is always said, never left open."""
    return {
        "name": customer.name,
        "customerNumber": customer_number,
        "organizationNumber": customer.org_number or "",
        "email": customer.email,
        "invoiceEmail": customer.email,
        "phoneNumber": customer.phone,
        "isPrivateIndividual": customer.org_number is None,
        "isInactive": False,
        "invoiceSendMethod": "EMAIL",
        "language": "EN" if customer.language == "en" else "NO",
    }


@enforces(parties.TRIPLETEX_FOR_CONTACT)
def contact_fields(contact: Contact) -> dict[str, Any]:
    """The fields of a Tripletex contact."""
    return {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "email": contact.email,
        "phoneNumberMobile": contact.phone,
        "isInactive": False,
    }


def split_name(name: str) -> tuple[str, str]:
    """First and last name as Tripletex wants them: the last word is the last name."""
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")


def customer_from(facts: CompanyFactsShown) -> Customer:
    """A customer as the account service tells of it."""
    contacts = []
    for contact in facts.contacts:
        first, last = split_name(contact.name)
        contacts.append(
            Contact(
                user_id=contact.user_id,
                first_name=first,
                last_name=last,
                email=contact.email,
                phone=contact.phone,
            )
        )
    return Customer(
        account_id=facts.account_id,
        name=facts.name,
        email=facts.email,
        phone=facts.phone,
        org_number=facts.org_number,
        is_personal=facts.is_personal,
        language=facts.language,
        contacts=tuple(contacts),
    )


@enforces(rights.RIGHT_OF_RECTIFICATION)
def difference(wanted: dict[str, Any], found: Found) -> dict[str, Any]:
    """The fields that Tripletex has otherwise; empty where nothing is to be done."""
    return {name: value for name, value in wanted.items() if _plain(found.fields.get(name)) != _plain(value)}


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value


@enforces(protection.ONLY_YOUR_OWN)
def choose(candidates: list[Found], customer_number: int) -> Found | None:
    """Which of the customers found is ours: the one with our own number, the oldest of them.

    Never by organisation number: anybody may enter anybody's, and would get at the other's customer, where the
    invoices go and what an erasure blanks. Two customers with one number are for a person to merge.
    """
    ours = [found for found in candidates if found.fields.get("customerNumber") == customer_number]
    return min(ours, key=lambda found: found.id, default=None)


class OtherCompany(Permanent):
    """The customer at Tripletex has another organisation number than the account: it is another company."""


@enforces(protection.ONLY_YOUR_OWN, parties.TRIPLETEX_FOR_ACCOUNTS)
def check_same_company(wanted: Mapping[str, Any], found: Found) -> None:
    """Raises `OtherCompany` where the customer found has an organisation number, and not the one that is wanted.

    Invoices and vouchers belong to the company with that number, so a person decides what becomes of the customer.
    """
    there = "".join(letter for letter in str(found.fields.get("organizationNumber") or "") if letter.isdigit())
    if there and there != wanted["organizationNumber"]:
        raise OtherCompany("the customer at Tripletex is another company")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def theirs(
    there: Mapping[int, Found], digests: Mapping[int, bytes], known: Mapping[UUID, tuple[int | None, bytes | None]]
) -> dict[UUID, Found]:
    """Which of the contacts that are `there` belong to which of the `known` users.

    By the id that was kept, else by the digest that was kept before the contact was made: its answer was lost.
    """
    found = {user_id: there[kept] for user_id, (kept, _) in known.items() if kept in there and kept is not None}
    taken = {each.id for each in found.values()}
    for user_id, (_, expected) in known.items():
        same = (at for at in sorted(there) if at not in taken and expected and digests[at] == expected)
        if user_id not in found and (at := next(same, None)) is not None:
            found[user_id] = there[at]
            taken.add(at)
    return found


def compared_address(text: str) -> str:
    """An address as it is compared; what is none, as typed by somebody at Tripletex, without its capitals."""
    try:
        return compared_email(text)
    except Invalid:
        return text.casefold()


def content_hash(key: bytes, wanted: dict[str, Any]) -> bytes:
    """A keyed digest of what was sent, to see a change without keeping the content."""
    text = json.dumps(wanted, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, b"billing-sync content\x00" + text.encode(), hashlib.sha256).digest()


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
def minimised(*, customers: int, contacts: int, last_document: date | None, held: bool = False) -> Minimised:
    """What an erasure has to tell of Tripletex, honestly including what stays by law, and what is held."""
    by_law = ("tripletex_bookkeeping",) if last_document else ()
    return Minimised(
        customers=customers,
        contacts=contacts,
        retained=(LEGAL_HOLD, *by_law) if held else by_law,
        bookkeeping_until=bookkeeping_until(last_document) if last_document else None,
    )


@enforces(erasure.HOLD_IN_DISPUTE)
def kept_whole(known: Collection[UUID], user_id: UUID | None) -> Minimised:
    """What is told where all of it is held: nothing was done, and whether there is anything to keep."""
    there = user_id in known if user_id else bool(known)
    return minimised(customers=0, contacts=0, last_document=None, held=there)


def foreseen(known: Collection[UUID], user_id: UUID | None, held: Held, *, has_customer: bool) -> Minimised:
    """What minimising would come to, of what we know; what bookkeeping keeps is known to Tripletex only."""
    if held.covers(user_id, CATEGORY_OF["contact_link"]):
        return kept_whole(known, user_id)
    if user_id is not None:
        return minimised(customers=0, contacts=int(user_id in known), last_document=None)
    spared = set(known) & set(held.users_of(CATEGORY_OF["contact_link"]))
    gone = len(known) - len(spared)
    return minimised(customers=int(has_customer), contacts=gone, last_document=None, held=bool(spared))


def next_try(attempts: int, now: datetime, *, retry_after_seconds: float | None, jitter: float) -> datetime:
    """When a failed job is tried again. `jitter` is between 0 and 1; the vendor's own wait is respected."""
    pause = float(PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1])
    own = pause * (0.5 + jitter / 2)
    return bounded(now + timedelta(seconds=max(own, retry_after_seconds or 0.0)), now, LONGEST_WAIT)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def may_still_write(lease_until: datetime, now: datetime) -> bool:
    """Whether a job's worker may change something at Tripletex.

    Past its lease somebody else may be at the same account, or may have minimised it: a late write would make
    the customer twice, or bring back what was erased.
    """
    return is_leased(lease_until - LEASE_MARGIN, now, LEASE)


def session_expires_on(now: datetime) -> date:
    """The expiration date to ask a session token for: it dies when the Oslo date reaches it, so not tomorrow's."""
    return oslo_date(now) + timedelta(days=2)


def session_is_fresh(expires_on: date, now: datetime) -> bool:
    """Whether a token still has at least this Oslo day to live."""
    return oslo_date(now) < expires_on - timedelta(days=1)
