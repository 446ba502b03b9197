"""Which customer and which contacts at Tripletex are ours, and which category of data they are."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.billing_sync.customer_links.values import ContactLink
from services.billing_sync.tripletex.values import Found
from shared.email_addresses import compared_email
from shared.errors import Invalid, Permanent
from shared.terms import enforces
from shared.terms.clauses import erasure, parties, protection
from shared.wait_bounds import AHEAD

COPY: Final = "billing_copy"
CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"contact_link": COPY, "customer_link": COPY, "recipient_task": COPY}
)
"""Which category of data a table, and what it stands for at Tripletex, holds. A hold on it keeps that."""

NEVER_HELD: Final = ("job",)
"""Work that is to be done."""

RECONCILE_AFTER: Final = timedelta(hours=24)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"customer_link.synced_at": AHEAD})
"""How far ahead the instants that work waits for may lie. What lies further ahead has come."""


@enforces(protection.ONLY_YOUR_OWN)
def choose(candidates: list[Found], customer_number: int) -> Found | None:
    """Which of the customers found is ours: the one with our own number, the oldest of them.

    Never by organisation number: anybody may enter anybody's, and would get at the other's customer, where the
    invoices go and what an erasure blanks. Two customers with one number are for a person to merge.
    """
    ours = [candidate for candidate in candidates if candidate.fields.get("customerNumber") == customer_number]
    return min(ours, key=lambda candidate: candidate.id, default=None)


class OtherCompany(Permanent):
    """The customer at Tripletex has another organisation number than the account: it is another company."""


@enforces(protection.ONLY_YOUR_OWN, parties.TRIPLETEX_FOR_ACCOUNTS)
def check_same_company(wanted: Mapping[str, Any], found: Found) -> None:
    """Raises `OtherCompany` where the customer found has an organisation number, and not the one that is wanted.

    Invoices and vouchers belong to the company with that number, so a person decides what becomes of the customer.
    """
    number_at_tripletex = "".join(
        letter for letter in str(found.fields.get("organizationNumber") or "") if letter.isdigit()
    )
    if number_at_tripletex and number_at_tripletex != wanted["organizationNumber"]:
        raise OtherCompany("the customer at Tripletex is another company")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def contacts_by_user(
    key: bytes, contacts: Mapping[int, Found], known: Mapping[UUID, ContactLink]
) -> dict[UUID, Found]:
    """Which of the contacts at Tripletex belong to which of the `known` users.

    By the id that was kept, else by the digest that was kept before the contact was made: its answer was lost.
    """
    found = {
        user_id: contacts[link.tripletex_id]
        for user_id, link in known.items()
        if link.tripletex_id is not None and link.tripletex_id in contacts
    }
    taken = {each.id for each in found.values()}
    digests = {id_: address_digest(key, address_of(contact)) for id_, contact in contacts.items()}
    for user_id, link in known.items():
        same = (
            id_ for id_ in sorted(contacts) if id_ not in taken and link.expected and digests[id_] == link.expected
        )
        if user_id not in found and (id_ := next(same, None)) is not None:
            found[user_id] = contacts[id_]
            taken.add(id_)
    return found


def address_of(contact: Found) -> str:
    """The address of a contact, for comparing."""
    return compared_address(str(contact.fields.get("email") or ""))


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


def address_digest(key: bytes, address: str) -> bytes:
    """The digest by which the contact is recognised whose id no answer told."""
    return content_hash(key, {"contact": compared_address(address)})
