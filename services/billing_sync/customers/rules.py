"""What is copied to Tripletex, and when it differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.account.companies.calls import CompanyContact, CompanyFactsShown, PostalAddress
from services.billing_sync.tripletex.values import NO_ADDRESS, Found
from shared.terms import enforces
from shared.terms.clauses import collection, messages, parties

NORWAY: Final = "NO"
FLAG: Final = "category3"
"""Where it stands there that somebody of a customer wants no marketing."""


@enforces(parties.TRIPLETEX_FOR_CONTACT, parties.TRIPLETEX_FOR_ACCOUNTS)
def customer_fields(
    customer: CompanyFactsShown, customer_number: int, countries: Mapping[str, int]
) -> dict[str, Any]:
    """The fields of a Tripletex customer, no others. How invoices are sent is always said, never left open.

    `countries` are the ids there of `countries_of` the customer. Invoices go to the postal address.
    """
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
        "postalAddress": address_fields(customer.billing_address or customer.contact_address, countries),
        "physicalAddress": address_fields(customer.contact_address, countries),
    }


def countries_of(customer: CompanyFactsShown) -> set[str]:
    """The countries of its addresses, by their two letters; Norway where it has none."""
    addresses = (customer.contact_address, customer.billing_address)
    return {address.country for address in addresses if address} | {NORWAY}


@enforces(collection.BILLING_DATA_LATER)
def address_fields(address: PostalAddress | None, countries: Mapping[str, int]) -> dict[str, Any]:
    """The fields of an address there, blank where there is none. A country unknown there follows the town."""
    known = countries.get(address.country if address else NORWAY)
    lines = dict(NO_ADDRESS)
    if address is not None:
        lines = {
            "addressLine1": address.line_1,
            "addressLine2": address.line_2 or "",
            "postalCode": address.postal_code,
            "city": address.city if known else f"{address.city}, {address.country}",
        }
    return lines | ({"country": {"id": known}} if known else {})


@enforces(parties.TRIPLETEX_FOR_CONTACT)
def contact_fields(contact: CompanyContact) -> dict[str, Any]:
    """The fields of a Tripletex contact."""
    first, last = split_name(contact.name)
    return {
        "firstName": first,
        "lastName": last,
        "email": contact.email,
        "phoneNumberMobile": contact.phone,
        "isInactive": False,
    }


@enforces(parties.TRIPLETEX_FOR_CONTACT, messages.MARKETING_CAN_BE_DECLINED)
def marketing_flag(category: int | None, found: Found | None, *, declined: bool | None) -> dict[str, Any]:
    """How the third category of a customer says that somebody of it wants no marketing (L158).

    A contact there has no field for it. One that the vendor's people have chosen themselves stays, unless somebody
    wants no marketing: a customer is not sold to by a list that leaves that out. Nothing is said where `category`
    or `declined` is None.
    """
    if category is None or declined is None:
        return {}
    if declined:
        return {FLAG: {"id": category}}
    there = found.fields.get(FLAG) if found is not None else None
    return {FLAG: None} if isinstance(there, Mapping) and there.get("id") == category else {}


def split_name(name: str) -> tuple[str, str]:
    """First and last name as Tripletex wants them: the last word is the last name."""
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")
