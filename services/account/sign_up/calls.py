"""Sign-up.

It takes the fields of L17 and L136-140, the organisation number for the check of L160, and what concludes the
agreement, nothing else.
"""

from __future__ import annotations

from typing import Annotated, Final

from marshmallow.validate import Length

from services.account.accounts.calls import Accepted
from services.account.agreements.calls import Agreement
from services.account.authentication.calls import Origin
from services.account.companies.calls import PostalAddress
from services.account.fields.kinds import (
    CompanyName,
    Email,
    IdempotencyKey,
    Language,
    NewPassword,
    OrgNumber,
    Phone,
)
from services.account.users.calls import Person
from shared.calls import Call
from shared.errors import Conflict, Invalid
from shared.field_limits import USERS_AT_SIGN_UP_LIMIT
from shared.records import About, Record

SIGN_UP_SECONDS: Final = 15.0
"""Where the business register is asked besides."""


class Company(Record):
    """The company, or the owner of the account where there is none (L136)."""

    name: Annotated[CompanyName, "Company name or account owner.", About(example="Fjøsåker Bakeri AS")]
    email: Annotated[Email, "The company's e-mail address.", About(example="post@fjosaker.example")]
    phone: Annotated[
        Phone,
        "The company's telephone; Norwegian unless it has a country prefix.",
        About(example="+4722225555"),
    ]
    org_number: Annotated[OrgNumber | None, "Organisation number, for the check against Enhetsregisteret."] = None
    contact_address: Annotated[PostalAddress | None, "Where the company is reached on paper."] = None
    billing_address: Annotated[
        PostalAddress | None, "Where invoices on paper go, where that is elsewhere; it may also come later."
    ] = None


class SignUp(Call[Accepted], service="account", refusals=(Invalid, Conflict), seconds=SIGN_UP_SECONDS):
    """Sign up a company, its creator and further users, and conclude the data-processing agreement.

    The creator becomes the first owner. The others are invited once the creator has confirmed the address.
    Answer and work are the same whether or not the address is known. A call repeated with the same
    `idempotency_key` within a day changes nothing and sends no letter.
    """

    company: Company
    creator: Person
    users: Annotated[tuple[Person, ...], Length(max=USERS_AT_SIGN_UP_LIMIT)] = ()
    password: NewPassword
    language: Language
    agreement: Agreement
    origin: Origin
    idempotency_key: IdempotencyKey | None = None
