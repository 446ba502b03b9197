"""What account answers: to customers by the gateway, to staff by the desk, and to other services.

A call with a field that is not listed here is refused (L9, L17): sign-up takes the fields of L17 and L136-140, the
organisation number for the check of L160, and what concludes the agreement, nothing else. Refusals name fields and
limits and never repeat a value.

`actor` says on whose behalf a call is made: `user:<id>` for a user that the gateway has authenticated,
`staff:<code>` for the desk, `system` for another service. Where the public interface takes the same fields it is
described by these classes: a text beside a field is what a customer's programmer reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf, Range

from services.account.kinds import (
    CompanyName,
    Email,
    IdempotencyKey,
    IpAddress,
    KnownEmail,
    Language,
    MachineCode,
    NewPassword,
    OrgNumber,
    Password,
    PersonName,
    Phone,
    Sha256,
    Token,
    Version,
    line,
)
from services.account.values import (
    AUTHORITIES,
    BLOCK_REASONS,
    CHANNELS,
    LET_REASONS,
    NOTICE_MONTHS_MAX,
    NUMBER_REASONS,
    OUTCOMES,
    PURPOSES,
    REASONS,
    ROLES,
)
from shared.actor import SYSTEM, ActorKind
from shared.calls import Call
from shared.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    TooMany,
    Unauthenticated,
)
from shared.field_limits import USERS_AT_SIGN_UP_LIMIT
from shared.records import ABSENT, About, Absent, Record

HASHING_SECONDS: Final = 5.0
"""Where a password is compared or set."""

SIGN_UP_SECONDS: Final = 15.0
"""Where the business register is asked besides."""

ORIGINS_LIMIT: Final = 500
SEARCH_LIMIT: Final = 50
SUBJECTS_LIMIT: Final = 500

INTO_ACCOUNT: Final = (NotFound, Forbidden, Locked)
"""How somebody is refused who may not enter the account; other companies' users are not told that it exists."""

AN_ADDRESS: Final = About(example="kare@fjosaker.example")


class Accepted(Record):
    """The request was taken in; whatever follows goes by letter. The same for everybody."""

    status: str


class Done(Record):
    """It is done; there is nothing more to tell."""

    status: str


# ── sign-up and what it is made of ────────────────────────────────────────────────────────────────────────────


class Origin(Record):
    """Where a request came from; added by the gateway, never by the customer.

    `user_agent` is cut by the gateway to 400 characters.
    """

    ip: IpAddress
    user_agent: Annotated[str, line(400)] | None = None


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


class Person(Record):
    """One user (L138)."""

    name: Annotated[PersonName, About(example="Kåre Østby")]
    email: Annotated[Email, AN_ADDRESS]
    phone: Annotated[Phone, About(example="+4741234567")]


class Attestations(Record):
    """What the customer confirms when concluding the agreement (L168-174); each must be true."""

    authority: bool
    necessary_data: bool
    accurate_data: bool
    users_informed: bool


class Agreement(Record):
    """The express acceptance of one version of the terms, by whom and by what right.

    `version` is the code of the version shown, and `text_sha256` the digest of the text that was shown in the
    language of the sign-up: where it is given it must be that of the text in force. `domain` is the host name of
    the page in punycode and `element` the control used (`sign_up.accept`); both are added by the gateway.
    """

    version: Annotated[MachineCode, "The version shown, for example v1.", About(example="v1")]
    accepted: bool
    authority: Annotated[
        str, OneOf(AUTHORITIES), "By what right the creator acts.", About(example="managing_director")
    ]
    attestations: Attestations
    text_sha256: Annotated[
        Sha256 | None, "The digest of the text that was shown, from /v1/terms/versions; checked if given."
    ] = None
    domain: Annotated[str, line(253)]
    element: MachineCode


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


class Address(Record):
    """An address, known or not."""

    email: Annotated[KnownEmail, AN_ADDRESS]


class RequestConfirmation(Address, Call[Accepted], service="account"):
    """Note the wish for another confirmation letter; whether the address is known is looked up later."""


class RequestPasswordReset(Address, Call[Accepted], service="account"):
    """Note the wish for a letter to set a new password; the address is looked up later."""


# ── what a letter's link stands for ───────────────────────────────────────────────────────────────────────────


class ByLink(Record):
    """The secret from a letter's link."""

    token: Annotated[Token, "The token of the link."]


class WaitingSignUp(Record):
    """A sign-up that waits for the address: which company, when, and what was accepted for it.

    `of_letter` marks the one that the link's letter was about.
    """

    account_id: UUID
    company_name: str
    signed_up_at: datetime
    document: str
    terms_version: str
    of_letter: bool


class LinkShown(Record):
    """What a letter's link stands for.

    `standing` is `works`, `blocked` where staff have closed the account, `inactive` where company or user is, or
    `over`: used, ended by a change, or too old. `kind` and `company_name` are null where it is over. `sign_ups` are
    those that wait for the address, that of the letter first. `needs_acceptance` says that the link concludes the
    contract, at first or anew: the terms in force, `terms_version`, must be accepted.
    """

    kind: str | None
    standing: str
    company_name: str | None
    sign_ups: tuple[WaitingSignUp, ...]
    needs_acceptance: bool
    terms_version: str


class DescribeLink(ByLink, Call[LinkShown], service="account"):
    """What the page behind a letter's link shows before its button does anything."""


class Confirmed(Record):
    """Whose address it was."""

    account_id: UUID
    user_id: UUID


class ConfirmEmail(
    ByLink,
    Call[Confirmed],
    service="account",
    refusals=(NotFound, Locked, Conflict, Invalid),
    seconds=HASHING_SECONDS,
):
    """Confirm the address to which the letter with this token went.

    Of a sign-up nothing counted before. Whoever reads at the address decides which sign-up does, `account_id`, that
    of the letter where none is named, and with which `password`, which is needed then; every other one that waits
    for the address is void. The same person accepts the terms in force, `agreement`: that somebody unproved
    accepted them at sign-up says nothing of whoever reads here. Without it: `Conflict` with the reason
    `acceptance_needed` and the version in force. None of the three is of use for a changed address.
    """

    password: Annotated[
        NewPassword | Absent,
        "Needed after a sign-up: whoever reads at the address decides the password, not whoever entered one "
        "before. At least 12 characters. Of no use for a changed address.",
    ] = ABSENT
    account_id: Annotated[
        UUID | Absent, "Another sign-up that waits for the same address; that of the letter if left out."
    ] = ABSENT
    agreement: Annotated[
        Agreement | None,
        "Needed after a sign-up: that somebody accepted whose address was not proved is not the acceptance of "
        "whoever reads there. Of no use for a changed address.",
    ] = None


class ResetPassword(
    ByLink, Call[Done], service="account", refusals=(NotFound, Locked, Invalid, Conflict), seconds=HASHING_SECONDS
):
    """Set a password with the token of a letter `password_reset` or `invitation`, once.

    The letter also proves the address.
    """

    new_password: NewPassword


# ── log-in and what proves a person ───────────────────────────────────────────────────────────────────────────


class Credentials(Record):
    """An address and its password, and where they came from."""

    email: Annotated[KnownEmail, AN_ADDRESS]
    password: Annotated[Password, "The password."]
    origin: Origin


class LoggedIn(Record):
    """The session's token, shown once. It ends at `expires_at`, or earlier when not used."""

    token: str
    account_id: UUID
    user_id: UUID
    role: str
    language: str
    expires_at: datetime


class LogIn(
    Credentials,
    Call[LoggedIn],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, TooMany),
    seconds=HASHING_SECONDS,
):
    """Open a session for an address and its password."""


class InSession(Record):
    """The secret of a session."""

    token: Token


class Authenticated(Record):
    """Who speaks. `actor` is what goes into the `actor` field of further calls."""

    account_id: UUID
    user_id: UUID
    session_id: UUID
    role: str
    language: str
    actor: ActorKind
    expires_at: datetime


class Authenticate(InSession, Call[Authenticated], service="account", refusals=(Unauthenticated,)):
    """Who speaks. An account or user made inactive is refused from that moment on."""


class LogOut(InSession, Call[Done], service="account"):
    """End the session; a token that is not one any more is fine."""


class ChangePassword(
    InSession,
    Call[Done],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Invalid, TooMany),
    seconds=HASHING_SECONDS,
):
    """Change the password inside a session, which stays; all the user's other sessions end."""

    current_password: Annotated[Password, "The password until now."]
    new_password: NewPassword
    origin: Origin


class UserChanged(Record):
    """The user after the change."""

    user_id: UUID
    version: int
    state: str


class ChangeEmail(
    InSession,
    Call[UserChanged],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, TooMany),
    seconds=HASHING_SECONDS,
):
    """Change one's own address inside a session; the new one counts once its holder has confirmed it."""

    email: Annotated[Email, AN_ADDRESS]
    current_password: Annotated[Password, "The password."]
    origin: Origin


# ── the terms ─────────────────────────────────────────────────────────────────────────────────────────────────


class TextDigest(Record):
    """The text of a version in one language, by its digest."""

    language: str
    sha256: str


class TermsVersionShown(Record):
    """A version of the terms: since when it is offered, and whether a sign-up accepts it now."""

    version: str
    valid_from: date
    in_force: bool
    is_demo: bool
    texts: tuple[TextDigest, ...]


class Sentence(Record):
    """A sentence that the customer confirms at sign-up, in one language."""

    id: str
    language: str
    text: str
    sha256: str


class TermsVersionsShown(Record):
    """All versions that are held, the oldest first, and the sentences that are confirmed."""

    versions: tuple[TermsVersionShown, ...]
    sentences: tuple[Sentence, ...]


class TermsVersions(Call[TermsVersionsShown], service="account"):
    """All versions of the terms that are held, and the sentences that a sign-up confirms."""


class TermsTextShown(Record):
    """The exact text, and its digest."""

    version: str
    language: str
    valid_from: date
    is_demo: bool
    sha256: str
    text: str


class TermsText(Call[TermsTextShown], service="account", refusals=(NotFound,)):
    """The exact text of one version in one language; `NotFound` for one that is not held."""

    version: MachineCode
    language: Language


# ── the company ───────────────────────────────────────────────────────────────────────────────────────────────


class ForAccount(Record):
    """About one account, on behalf of an actor."""

    account_id: UUID
    actor: ActorKind


class ReadAccount(ForAccount):
    """Where staff read, they say what for (`purpose`); that they did is recorded."""

    purpose: Annotated[str, OneOf(PURPOSES)] = "customer_support"


class AtVersion(ForAccount):
    """A change of the version last read."""

    version: Version


class AccountChanged(Record):
    """The company after the change."""

    account_id: UUID
    version: int
    state: str


class AgreementShown(Record):
    """Which version of the terms the customer accepted, and when."""

    document: str
    version: str
    text_sha256: str
    language: str
    sentences: tuple[Mapping[str, str], ...]
    accepted_at: datetime


class AccountShown(Record):
    """The company. `is_personal` marks a sole trader, whose company data are a person's data."""

    account_id: UUID
    version: int
    state: str
    name: str
    email: str
    phone: str
    org_number: str | None
    org_form: str | None
    is_personal: bool
    language: str
    register_outcome: str
    review_required: bool
    created_at: datetime
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


class GetAccount(ReadAccount, Call[AccountShown], service="account", refusals=INTO_ACCOUNT):
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
    language: Language | Absent = ABSENT


class DeactivateAccount(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid),
):
    """Cut the link: from this commit on no session works and no input is taken (L17).

    By an owner, or by staff, who say why. `Conflict` where staff act on suspicion and the customer was not
    approached often enough before.
    """

    reason: Annotated[str, OneOf(tuple(REASONS))] | None = None


class ReactivateAccount(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Take the link up again, by staff; an owner has `reactivate_with_password`.

    A sign-up that nobody finished is asked for its address once more. `Conflict` where that one has signed up anew.
    """


class ReactivateWithPassword(
    Credentials,
    Call[AccountChanged],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, Invalid, TooMany),
    seconds=HASHING_SECONDS,
):
    """Reactivate the inactive account of an owner, who cannot log in to it, unless staff made it inactive.

    `agreement` is needed where the contract has ended, and concludes it anew; without it: `Conflict` with the
    reason `acceptance_needed` and the version in force.
    """

    agreement: Annotated[
        Agreement | None,
        "Needed where the contract has ended: coming back concludes it anew, and licences are billed again. "
        "Else it is still in force, and nothing is to be accepted.",
    ] = None


class ReactivateByLetter(
    ByLink, Call[AccountChanged], service="account", refusals=(NotFound, Forbidden, Locked, Conflict, Invalid)
):
    """Reactivate the inactive account of an owner by a letter's token, which proves what a password would.

    The letter is `return_by_link`; `agreement` is as in `reactivate_with_password`.
    """

    agreement: Annotated[Agreement | None, "Needed where the contract has ended."] = None


# ── the end of the contract ───────────────────────────────────────────────────────────────────────────────────


class NoticeGiven(Record):
    """The company under notice; it stays active until `notice_ends_on` has passed in Oslo."""

    account_id: UUID
    version: int
    state: str
    noticed_on: Annotated[date, "The day the notice was received, in Oslo."]
    notice_ends_on: Annotated[date, "The last day of the notice period, in Oslo."]


class TerminateContract(
    AtVersion, Call[NoticeGiven], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict, Invalid)
):
    """Notice that reached the staff, by which way, and when if not today; an owner gives it with the password.

    `Conflict` where notice was given already, `Invalid` for a day that cannot be that of the notice.
    """

    channel: Annotated[str, OneOf(CHANNELS)]
    received_on: date | None = None


class TerminateWithPassword(
    InSession,
    Call[NoticeGiven],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, TooMany),
    seconds=HASHING_SECONDS,
):
    """Notice by an owner, who proves in the session to know the password: it ends in erasure."""

    version: Version
    password: Password
    origin: Origin


class WithdrawNotice(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Take a notice back, until its last day has passed."""


class AgreeNoticePeriod(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Keep a notice period of so many calendar months, agreed with this customer, by staff.

    It moves no notice already given.
    """

    months: Annotated[int, Range(min=1, max=NOTICE_MONTHS_MAX)]


# ── what only staff decide ────────────────────────────────────────────────────────────────────────────────────


class ContactRecorded(Record):
    """How many attempts there are now."""

    attempts: int


class RecordContact(
    ForAccount, Call[ContactRecorded], service="account", command=True, refusals=(*INTO_ACCOUNT, Invalid)
):
    """Note an attempt to reach the customer, today where no day is given."""

    channel: Annotated[str, OneOf(CHANNELS)]
    outcome: Annotated[str, OneOf(OUTCOMES)]
    attempted_on: date | None = None


class ContactShown(Record):
    """One attempt to reach the customer."""

    channel: str
    outcome: str
    attempted_on: date
    actor: str


class ContactsShown(Record):
    """The oldest first."""

    attempts: tuple[ContactShown, ...]


class Contacts(ForAccount, Call[ContactsShown], service="account", refusals=INTO_ACCOUNT):
    """The attempts to reach the customer, oldest first."""


class BlockAccount(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Close an account at once to protect it: nobody gets in, nothing is erased, no months begin."""

    reason: Annotated[str, OneOf(BLOCK_REASONS)]


class UnblockAccount(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Open a blocked account again."""


class LetInstruct(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Let the owners of a bankrupt company instruct again, after a person has looked at who they are."""

    reason: Annotated[str, OneOf(LET_REASONS)]


class CorrectOrgNumber(
    AtVersion, Call[AccountChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Correct a mistyped organisation number of the same company; the register is asked about the right one."""

    org_number: OrgNumber
    reason: Annotated[str, OneOf(NUMBER_REASONS)]


class AccountFound(Record):
    """One account a search came upon."""

    account_id: UUID
    state: str
    version: int
    register_outcome: str
    review_required: bool
    created_at: datetime
    inactivated_at: datetime | None


class AccountsFound(Record):
    """At most 50, newest first."""

    accounts: tuple[AccountFound, ...]


class SearchAccounts(Call[AccountsFound], service="account"):
    """Find accounts by one of the fields; answers with ids and states, no names.

    That `actor` looked, for a `purpose`, is recorded, not for whom.
    """

    email: KnownEmail | Absent = ABSENT
    org_number: OrgNumber | Absent = ABSENT
    account_id: UUID | Absent = ABSENT
    review_required: bool | Absent = ABSENT
    actor: ActorKind = SYSTEM
    purpose: Annotated[str, OneOf(PURPOSES)] = "operations"

    def criteria(self) -> list[str]:
        """The names of the fields that are searched by."""
        return [name for name in self.given() if name not in ("actor", "purpose")]

    def objections(self) -> Mapping[str, list[str]]:
        """There is exactly one way to search."""
        if len(self.criteria()) == 1:
            return {}
        return {"_schema": ["exactly one of email, org_number, account_id, review_required"]}


# ── the users ─────────────────────────────────────────────────────────────────────────────────────────────────


class User(Record):
    """One user. `invited` is true until the user has set a password."""

    user_id: UUID
    version: int
    role: str
    state: str
    name: str
    email: str
    phone: str
    language: str
    email_confirmed: bool
    invited: bool


class Users(Record):
    """All of them for an owner and for staff, only oneself for a user."""

    users: tuple[User, ...]


class ListUsers(ReadAccount, Call[Users], service="account", refusals=INTO_ACCOUNT):
    """The users the actor may see: owners and staff see all, users themselves."""


class AddUser(
    ForAccount,
    Person,
    Call[UserChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, TooMany),
):
    """Add a user, who gets a letter to set a password with; an account has so many of them a day."""

    language: Language = "nb"


class OfUser(AtVersion):
    """About one user of the account, of the version last read."""

    user_id: UUID


class UpdateUser(
    OfUser,
    Call[UserChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid, TooMany),
):
    """Change the fields of a user that are present; users change their own data, owners all.

    A new address counts once the person has confirmed it; one's own is changed by `change_email`, with the
    password. Only an owner changes roles.
    """

    name: PersonName | Absent = ABSENT
    email: Email | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    language: Language | Absent = ABSENT
    role: Annotated[str, OneOf(ROLES)] | Absent = ABSENT


class DeactivateUser(
    OfUser, Call[UserChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Cut one user's link; the company goes on."""


class ReactivateUser(
    OfUser, Call[UserChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict)
):
    """Take one user's link up again; `Conflict` once the erasure has begun, or where staff cut it."""


class InviteUser(
    OfUser, Call[UserChanged], service="account", command=True, refusals=(*INTO_ACCOUNT, Conflict, TooMany)
):
    """Have the invitation written again to a user who has not taken it up."""


# ── for other services ────────────────────────────────────────────────────────────────────────────────────────


class LetterFactsShown(Record):
    """Where the letter goes and whom it greets. `link_token` is null without a ticket.

    `confirmed` says whether anybody ever read a letter at the user's address and said so. `link_kind` is the kind
    of the ticket and `link_ends_at` when its token stops working; for a replaced address, when that is forgotten.
    `closed_by` is one of `TRIGGERS` where company or user are inactive. `company_is_blocked` says that staff closed
    it to protect it, `company_is_bankrupt` that only the trustee decides for it any more. `registered_at` and
    `terms_version` are told to whoever signed the company up, while that is to be confirmed.
    """

    account_id: UUID
    email: str
    name: str
    language: str
    company_name: str
    link_token: str | None
    link_kind: str | None
    link_ends_at: datetime | None
    confirmed: bool
    company_is_inactive: bool
    company_is_blocked: bool
    company_is_bankrupt: bool
    closed_by: str | None
    registered_at: datetime | None
    terms_version: str | None


class LetterFacts(Call[LetterFactsShown], service="account", refusals=(NotFound, Conflict, Locked)):
    """What notification needs for a letter to this user, at the moment of sending.

    It is the only place where a letter gets its address and token. With a `ticket_id` a new token is minted, whose
    predecessor stops working; only its digest is kept. For the letter `address_changed` it names the address that
    was replaced, which is the answer then. `NotFound` when user or ticket are gone, `Conflict` when the ticket is
    used up or too old, `Locked` when the user or the company is inactive and `letter` is not one of
    `letter_rules.LETTERS_WHEN_INACTIVE`.
    """

    user_id: UUID
    letter: MachineCode
    ticket_id: UUID | None = None


class Recipient(Record):
    """A user who may get letters about the account; `confirmed` as in `letter_facts`."""

    user_id: UUID
    role: str
    confirmed: bool


class RecipientsShown(Record):
    """The users not deactivated one by one; answered for inactive accounts too, owners first."""

    recipients: tuple[Recipient, ...]


class Recipients(Call[RecipientsShown], service="account", refusals=(NotFound,)):
    """Who gets letters about the company; inactive companies have their last letters to get."""

    account_id: UUID


class CompanyContact(Record):
    """An owner as the customer's contact."""

    user_id: UUID
    name: str
    email: str
    phone: str


class CompanyFactsShown(Record):
    """The fields of L132 and L136-140 that billing needs.

    `contacts` are active owners whose address is confirmed.
    """

    account_id: UUID
    version: int
    name: str
    email: str
    phone: str
    org_number: str | None
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
    one in force, or with the trigger `contract_terminated` the one that has ended.
    """

    state: str
    inactivated_at: datetime | None
    version: int
    account_state: str
    account_trigger: str | None
    noticed_on: date | None
    notice_ends_on: date | None


class Standing(Call[StandingShown], service="account", refusals=(NotFound,)):
    """How the account stands, or one user of it; waits for a change of state that is being made at this moment.

    For retention. `NotFound` once erased.
    """

    account_id: UUID
    user_id: UUID | None = None


class EndedForErasure(Record):
    """Since when the account is inactive."""

    inactivated_at: datetime


class EndForErasure(Call[EndedForErasure], service="account", command=True, refusals=(NotFound, Conflict)):
    """Make an account inactive whose early erasure the customer asked for in writing (L204); twice is once.

    For retention. `Conflict` where the account is active and no notice is in force; one that is inactive stays as
    it is.
    """

    account_id: UUID


class BeginErasure(Call[Done], service="account", command=True, refusals=(NotFound, Conflict)):
    """Close the way back to the account or one user of it, just before the keys are fenced.

    For retention; under the lock that a reactivation takes too. `Conflict` where the account or user is active:
    somebody came back, and nothing may be destroyed. `NotFound` where there is no such account or user.
    """

    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None = None


class WithdrawErasure(Call[Done], service="account", command=True):
    """Open the way back again: the erasure waits for a hold, and nothing was destroyed. Safe to repeat.

    For retention.
    """

    erasure_id: UUID


class SubjectNamed(Record):
    """A company, or one user of it."""

    account_id: UUID
    user_id: UUID | None

    @property
    def id(self) -> UUID:
        """That of the company or the user."""
        return self.user_id or self.account_id


class UnknownSubjectsShown(Record):
    """Those without a row, of those asked for."""

    subjects: tuple[SubjectNamed, ...]


class UnknownSubjects(Call[UnknownSubjectsShown], service="account"):
    """Which of these companies and users there is no row of.

    For retention: keys were made for them, and what these were to seal was never written.
    """

    subjects: Annotated[tuple[SubjectNamed, ...], Length(min=1, max=SUBJECTS_LIMIT)]


class LoginOrigin(Record):
    """One attempt. `address_index` and `network_index` (hexadecimal) are equal for equal addresses and /24, /48.

    `ip` and `user_agent` are null once the person is being erased.
    """

    attempt_id: UUID
    account_id: UUID | None
    user_id: UUID | None
    at: datetime
    outcome: str
    ip: str | None
    user_agent: str | None
    address_index: str
    network_index: str


class LoginOriginsShown(Record):
    """Those still kept, in no particular order."""

    attempts: tuple[LoginOrigin, ...]


class LoginOrigins(Call[LoginOriginsShown], service="account"):
    """Where log-ins came from, for audit, which watches over them; they are kept here for 48 hours."""

    attempt_ids: Annotated[tuple[UUID, ...], Length(min=1, max=ORIGINS_LIMIT)]
