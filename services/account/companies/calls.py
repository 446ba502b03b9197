"""The company: what is read of it, changed in it and looked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import phonenumbers
from marshmallow.validate import OneOf, Range, Regexp

from services.account.accounts.calls import INTO_ACCOUNT, AccountChanged, AtVersion, ForAccount
from services.account.accounts.values import PURPOSES
from services.account.agreements.calls import AgreementShown
from services.account.fields.kinds import (
    NORWAY,
    CompanyName,
    Email,
    KnownEmail,
    Language,
    OrgNumber,
    Phone,
    address_line,
    line,
)
from shared.actor import SYSTEM, ActorKind
from shared.calls import Call
from shared.errors import Conflict, Invalid, Locked, NotFound
from shared.field_limits import LINE_LIMIT
from shared.keyset import Paged, PageShown
from shared.records import ABSENT, About, Absent, Record
from shared.staff import OUTSIDE, READERS, Act, Role

SEARCH_LIMIT: Final = 50
CITY_MOST: Final = 60
POSTAL_CODE_MOST: Final = 12
POSTAL_CODE: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 -]{{1,{POSTAL_CODE_MOST - 1}}}\Z")
NORWEGIAN_CODES: Final = frozenset({NORWAY, "SJ"})
"""Norway, and Svalbard and Jan Mayen: four digits."""
FOUR_DIGITS: Final = re.compile(r"[0-9]{4}\Z")
COUNTRIES: Final = tuple(sorted(set(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA", "XK"}))
"""Two letters of ISO 3166-1 for every country with telephones; the other three are no codes of that standard."""


CORRECTED: Final = ("name", "email", "phone")
CORRECTED_BECAUSE: Final = ("asked_by_company", "found_wrong")
"""Why staff correct something of a company: it asked for that, or we found it ourselves."""


class PostalAddress(Record):
    """Where letters and invoices on paper go (L17, L142-144). A Norwegian postal code has four digits."""

    line_1: Annotated[str, address_line(), "Street and number, or post-office box.", About(example="Storgata 1")]
    line_2: Annotated[str, address_line()] | None = None
    postal_code: Annotated[
        str, Regexp(POSTAL_CODE, error="a postal code"), About(example="5003", maxLength=POSTAL_CODE_MOST)
    ]
    city: Annotated[str, address_line(CITY_MOST), "Post town.", About(example="Bergen")]
    country: Annotated[str, OneOf(COUNTRIES, error="two letters of ISO 3166-1"), "Two letters of ISO 3166-1."] = (
        NORWAY
    )

    def objections(self) -> Mapping[str, list[str]]:
        """What does not fit together."""
        if self.country in NORWEGIAN_CODES and not FOUR_DIGITS.match(self.postal_code):
            return {"postal_code": ["four digits in Norway"]}
        return {}


class PostalAddressShown(PostalAddress):
    """An address as it was given; answers may tell more of it one day, what is given may not."""


class AccountShown(Record):
    """The company. `is_personal` marks a sole trader, whose company data are a person's data."""

    account_id: UUID
    version: int
    state: str
    name: str
    email: str
    phone: str
    org_number: str | None
    contact_address: PostalAddressShown | None
    billing_address: PostalAddressShown | None
    org_form: str | None
    is_personal: bool
    language: str
    register_outcome: str
    review_required: bool
    created_at: datetime
    accuracy_asked_at: datetime | None
    accuracy_confirmed_at: datetime | None
    agreement: AgreementShown | None
    notice_months: int
    noticed_on: date | None
    notice_ends_on: date | None
    inactivated_at: datetime | None
    inactivated_by: str | None
    inactivation_reason: str | None
    blocked_at: datetime | None
    block_reason: str | None
    review_reasons: tuple[str, ...]


class GetAccount(
    ForAccount,
    Call[AccountShown],
    service="account",
    refusals=INTO_ACCOUNT,
    staff=Act(roles=(*READERS, Role.FINANCE), shows="account_id", besides=("gateway", OUTSIDE)),
):
    """The company as its people see it; staff see an inactive one too, and leave a trace."""


class UpdateAccount(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid),
):
    """Change the fields of the company that are present; a new name or number is checked against the register."""

    name: CompanyName | Absent = ABSENT
    email: Email | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    org_number: OrgNumber | Absent | None = ABSENT
    contact_address: PostalAddress | Absent | None = ABSENT
    billing_address: PostalAddress | Absent | None = ABSENT
    language: Language | Absent = ABSENT


class CorrectOrgNumber(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.FINANCE)),
):
    """Correct a mistyped organisation number of the same company; the register is asked about the right one.

    Another company signs up anew.
    """

    org_number: OrgNumber
    reason: Annotated[str, OneOf(("typing_error",))]


class CorrectCompany(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.PRIVACY_LEAD)),
):
    """Correct the fields of a company that are present, for who asks by mail or telephone; its owners are told.

    Everybody who has a copy gets the correction. A new name is checked against the register again.
    """

    name: CompanyName | Absent = ABSENT
    email: Email | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    reason: Annotated[str, OneOf(CORRECTED_BECAUSE)]

    def objections(self) -> Mapping[str, list[str]]:
        """Something is corrected."""
        if set(CORRECTED) & self.given().keys():
            return {}
        return {name: ["one of name, email and phone is needed"] for name in CORRECTED}


class AccountFound(Record):
    """One account a search came upon."""

    account_id: UUID
    state: str
    version: int
    register_outcome: str
    review_required: bool
    created_at: datetime
    inactivated_at: datetime | None


class AccountsFound(PageShown):
    """A page of them, the newest first."""

    accounts: tuple[AccountFound, ...]


class SearchAccounts(
    Paged, Call[AccountsFound], service="account", staff=Act(roles=(*READERS, Role.FINANCE), finds=True)
):
    """Find accounts by one of the fields; answers with ids and states, no names.

    Address, name and telephone are the company's or a user's. A name is found as a whole, its words in any order;
    nobody is found by a part of it. `reference` is the id of an account or of one of its users. That `actor`
    looked, for a `purpose`, is recorded, not for whom; whoever was found can read that somebody looked.
    """

    email: KnownEmail | Absent = ABSENT
    name: Annotated[str, line(LINE_LIMIT)] | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    org_number: OrgNumber | Absent = ABSENT
    account_id: UUID | Absent = ABSENT
    reference: UUID | Absent = ABSENT
    review_required: bool | Absent = ABSENT
    actor: ActorKind = SYSTEM
    purpose: Annotated[str, OneOf(PURPOSES)] = "operations"
    limit: Annotated[int, Range(min=1, max=SEARCH_LIMIT)] = SEARCH_LIMIT

    def criteria(self) -> list[str]:
        """The names of the fields that are searched by."""
        return [name for name in self.given() if name not in ("actor", "purpose", *Paged.__dataclass_fields__)]

    def objections(self) -> Mapping[str, list[str]]:
        """There is exactly one way to search."""
        if len(self.criteria()) == 1:
            return {}
        return {
            "_schema": ["exactly one of email, name, phone, org_number, account_id, reference, review_required"]
        }


class CompanyContact(Record):
    """An owner as the customer's contact."""

    user_id: UUID
    name: str
    email: str
    phone: str


class CompanyFactsShown(Record):
    """The fields of L132 and L136-144 that billing needs.

    `contacts` are active owners whose address is confirmed.
    """

    account_id: UUID
    version: int
    name: str
    email: str
    phone: str
    org_number: str | None
    contact_address: PostalAddressShown | None
    billing_address: PostalAddressShown | None
    org_form: str | None
    is_personal: bool
    language: str
    active_users: int
    contacts: tuple[CompanyContact, ...]


class CompanyFacts(Call[CompanyFactsShown], service="account", refusals=(NotFound, Locked)):
    """What billing-sync needs of an active customer.

    `Locked` for an inactive account: nothing is copied to others from then on.
    """

    account_id: UUID


class StandingShown(Record):
    """`state` and `inactivated_at` of the account, or of the user asked for; what begins `account` in both cases.

    `account_trigger` is one of `TRIGGERS`, null while active. The two dates are those of a notice of termination:
    one in force, or with the trigger `contract_terminated` the one that has ended. `is_last_owner` says of a user
    that the company would be without an active owner if this one went.
    """

    state: str
    inactivated_at: datetime | None
    version: int
    account_state: str
    account_trigger: str | None
    noticed_on: date | None
    notice_ends_on: date | None
    is_last_owner: bool = False


class Standing(Call[StandingShown], service="account", refusals=(NotFound,)):
    """How the account stands, or one user of it; waits for a change of state that is being made at this moment.

    For retention. `NotFound` once erased.
    """

    account_id: UUID
    user_id: UUID | None = None
