"""What is copied to Tripletex, and when it differs."""

from __future__ import annotations

from typing import Any

from services.account.companies.calls import CompanyFactsShown
from services.billing_sync.customers.values import Contact, Customer
from shared.terms import enforces, parties


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
