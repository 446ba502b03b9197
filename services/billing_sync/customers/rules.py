"""What is copied to Tripletex, and when it differs."""

from __future__ import annotations

from typing import Any

from services.account.companies.calls import CompanyContact, CompanyFactsShown
from shared.terms import enforces
from shared.terms.clauses import parties


@enforces(parties.TRIPLETEX_FOR_CONTACT, parties.TRIPLETEX_FOR_ACCOUNTS)
def customer_fields(customer: CompanyFactsShown, customer_number: int) -> dict[str, Any]:
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


def split_name(name: str) -> tuple[str, str]:
    """First and last name as Tripletex wants them: the last word is the last name."""
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")
