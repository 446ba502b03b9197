"""Requests and replies of the account service.

A request with a field that is not listed here is refused (L9, L17): sign-up takes the fields of L17 and
L136-140, the organisation number for the check of L160, and what concludes the agreement, nothing else.
Error texts name fields and limits and never repeat a value.

`actor` says on whose behalf a call is made: `user:<id>` for a user that the gateway has authenticated,
`staff:<name>` for the desk, `system` for another service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from marshmallow import fields, validate

from services.account.kinds import (
    ActorField,
    EmailAddress,
    Flag,
    IpAddress,
    KnownEmailAddress,
    Line,
    MachineCode,
    Name,
    OrgNumber,
    Password,
    Phone,
    Reply,
    Request,
    Token,
    Version,
)
from services.account.values import PURPOSES
from shared.field_limits import USERS_AT_SIGN_UP_LIMIT

LANGUAGES: Final = ("nb", "en")
ROLES: Final = ("owner", "user")
AUTHORITIES: Final = ("managing_director", "chair", "signatory", "procuration", "proprietor", "mandate")
"""By what right the creator says to act: signatory right, procuration, as sole trader, or under a mandate."""

REGISTER_OUTCOMES: Final = (
    "matched",
    "sole_proprietorship",
    "name_mismatch",
    "not_found",
    "sub_entity",
    "deleted",
    "removed",
    "bankrupt",
    "winding_up",
    "provisional",
    "no_number",
)
"""`provisional`: the register did not answer yet. `no_number`: the customer gave no organisation number."""

LOGIN_FAILURES: Final = (
    "unknown_address",
    "wrong_password",
    "delayed",
    "no_password",
    "unconfirmed",
    "user_inactive",
    "account_inactive",
    "account_active",
    "account_blocked",
    "bankrupt",
    "held_by_staff",
)
"""`delayed`: too many failures before. `account_active`: an owner came to reactivate what is active.

`held_by_staff`: an owner came to reactivate what staff made inactive. `bankrupt`: one whose company is an estate.
"""
TICKET_KINDS: Final = ("confirmation", "address_change", "invitation", "password_reset", "reactivation")
TRIGGERS: Final = ("customer", "staff", "sign_up_abandoned", "contract_terminated", "early_request")
CHANNELS: Final = ("email", "phone", "letter", "in_person")
"""The ways by which a notice of termination reaches the staff (L23); an owner's own way is `self_service`."""
REASONS: Final[Mapping[str, bool]] = MappingProxyType(
    {
        "customer_request": False,
        "estate_request": False,
        "duplicate_account": False,
        "register_mismatch": True,
        "unintended_use": True,
        "security": True,
    }
)
"""Why staff make an account inactive, and whether it is on suspicion: then the customer was approached before."""

BLOCK_REASONS: Final = ("security", "unintended_use")
"""Why an account is closed at once while staff talk with the customer; its data stay."""

OUTCOMES: Final = ("no_answer", "not_reached", "answered", "disputed")
LET_REASONS: Final = ("trustee_is_owner", "register_was_wrong", "bankruptcy_ended")
NUMBER_REASONS: Final = ("typing_error",)
"""Why staff change an organisation number: the company is the same one. Another company signs up anew."""

NOTICE_MONTHS_MAX: Final = 12

SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
IDEMPOTENCY_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")


# ── sign-up and what it is made of ────────────────────────────────────────────────────────────────────────


class Origin(Request):
    """Where a request came from; added by the gateway, never by the customer.

    `user_agent` is cut by the gateway to 400 characters.
    """

    ip = IpAddress(required=True)
    user_agent = Line(limit=400, load_default=None, allow_none=True)


class Company(Request):
    """The company, or the owner of the account where there is none (L136)."""

    name = Name(required=True)
    email = EmailAddress(required=True)
    phone = Phone(required=True)
    org_number = OrgNumber(load_default=None, allow_none=True)


class Person(Request):
    """One user (L138)."""

    name = Name(of_person=True, required=True)
    email = EmailAddress(required=True)
    phone = Phone(required=True)


class Attestations(Request):
    """What the customer confirms when concluding the agreement (L168-174); each must be true."""

    authority = Flag(required=True)
    necessary_data = Flag(required=True)
    accurate_data = Flag(required=True)
    users_informed = Flag(required=True)


class Agreement(Request):
    """The express acceptance of one version of the terms, by whom and by what right.

    `version` is the code of the version shown (`v1`), and `text_sha256` the digest of the text that was shown in
    the language of the sign-up: where it is given it must be that of the text in force. `domain` is the host name
    of the page in punycode and `element` the control used (`sign_up.accept`); both are added by the gateway.
    """

    version = MachineCode(required=True)
    accepted = Flag(required=True)
    authority = fields.String(required=True, validate=validate.OneOf(AUTHORITIES))
    attestations = fields.Nested(Attestations, required=True)
    text_sha256 = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(SHA256))
    domain = Line(limit=253, required=True)
    element = MachineCode(required=True)


class SignUp(Request):
    """`sign_up`: a company, its creator and further users, and the data-processing agreement.

    The creator becomes the first owner. The others are invited once the creator has confirmed the address.
    The answer is the same whether or not the address is known. A call repeated with the same `idempotency_key`
    within a day changes nothing and sends no letter.
    """

    company = fields.Nested(Company, required=True)
    creator = fields.Nested(Person, required=True)
    users = fields.List(
        fields.Nested(Person), load_default=list, validate=validate.Length(max=USERS_AT_SIGN_UP_LIMIT)
    )
    password = Password()
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    agreement = fields.Nested(Agreement, required=True)
    origin = fields.Nested(Origin, required=True)
    idempotency_key = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(IDEMPOTENCY_KEY, error="malformed")
    )


class Accepted(Reply):
    """The request was taken in; whatever follows goes by letter. The same for everybody."""

    status = fields.String(required=True)


class ByToken(Request):
    """The secret from a letter's link or of a session: `describe_link`, `log_out`, `authenticate`."""

    token = Token()


class ByEmail(Request):
    """`request_confirmation`, `request_password_reset`: an address, known or not."""

    email = KnownEmailAddress(required=True)


class ConfirmEmail(Request):
    """`confirm_email`: with the token of a letter, which proves that its address is read.

    After a sign-up the `password` is that of whoever reads there, and is needed: what was entered before counts
    only now, and with this password. So is `agreement`, the reader's own acceptance of the terms in force; without
    it: `Conflict` with the reason `acceptance_needed` and the version in force. `account_id` chooses another
    sign-up that waits for the same address. None of them is of use for a changed address.
    """

    token = Token()
    password = Password(required=False)
    account_id = fields.UUID()
    agreement = fields.Nested(Agreement, load_default=None, allow_none=True)


class WaitingSignUp(Reply):
    """A sign-up that waits for the address: which company, when, and what was accepted for it.

    `of_letter` marks the one that the link's letter was about.
    """

    account_id = fields.UUID(required=True)
    company_name = fields.String(required=True)
    signed_up_at = fields.AwareDateTime(required=True, format="iso")
    document = fields.String(required=True)
    terms_version = fields.String(required=True)
    of_letter = fields.Boolean(required=True)


class LinkShown(Reply):
    """`describe_link`: what a letter's link stands for, to be shown before anything is done with it.

    `standing` is `works`, `blocked` where staff have closed the account, `inactive` where company or user is, or
    `over`: used, ended by a change, or too old.
    `kind` and `company_name` are None where it is over. `sign_ups` are those that wait for the address, that of the
    letter first. `needs_acceptance` says that the link concludes the contract, at first or anew: the terms in
    force, `terms_version`, must be accepted.
    """

    kind = fields.String(required=True, allow_none=True)
    standing = fields.String(required=True)
    company_name = fields.String(required=True, allow_none=True)
    sign_ups = fields.List(fields.Nested(WaitingSignUp), required=True)
    needs_acceptance = fields.Boolean(required=True)
    terms_version = fields.String(required=True)


class Confirmed(Reply):
    """`confirm_email`: whose address it was."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)


# ── log-in ────────────────────────────────────────────────────────────────────────────────────────────────


class LogIn(Request):
    """`log_in`: an address and its password."""

    email = KnownEmailAddress(required=True)
    password = Password()
    origin = fields.Nested(Origin, required=True)


class Reactivate(LogIn):
    """`reactivate_with_password`: by an owner of an inactive account.

    `agreement` is needed where the contract has ended, and concludes it anew; without it: `Conflict` with the
    reason `acceptance_needed` and the version in force.
    """

    agreement = fields.Nested(Agreement, load_default=None, allow_none=True)


class ReactivateByLetter(Request):
    """`reactivate_by_letter`: with the token of a letter `return_by_link`; `agreement` as in `Reactivate`."""

    token = Token()
    agreement = fields.Nested(Agreement, load_default=None, allow_none=True)


class LoggedIn(Reply):
    """`log_in`: the session's token, shown once. It ends at `expires_at`, or earlier when not used."""

    token = fields.String(required=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    role = fields.String(required=True)
    language = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True, format="iso")


class Authenticated(Reply):
    """`authenticate`: who speaks. `actor` is what goes into the `actor` field of further calls."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    session_id = fields.UUID(required=True)
    role = fields.String(required=True)
    language = fields.String(required=True)
    actor = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True, format="iso")


class ChangePassword(Request):
    """`change_password`: by a user in a session, which stays; all the user's other sessions end."""

    token = Token()
    current_password = Password()
    new_password = Password()
    origin = fields.Nested(Origin, required=True)


class ChangeEmail(Request):
    """`change_email`: one's own address, by a user in a session. It counts once its holder has confirmed it."""

    token = Token()
    email = EmailAddress(required=True)
    current_password = Password()
    origin = fields.Nested(Origin, required=True)


class ResetPassword(Request):
    """`reset_password`: with the token of a `password_reset` or `invitation` letter."""

    token = Token()
    new_password = Password()


class Done(Reply):
    """It is done; there is nothing more to tell."""

    status = fields.String(required=True)


# ── the company and its users ─────────────────────────────────────────────────────────────────────────────


class ForAccount(Request):
    """`get_account`, `list_users`: on behalf of an actor."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)


class ReadAccount(ForAccount):
    """`get_account`, `list_users`: where staff read, what for (one of `PURPOSES`); that they did is recorded."""

    purpose = fields.String(load_default="customer_support", validate=validate.OneOf(PURPOSES))


class AgreementShown(Reply):
    """Which version of the terms the customer accepted, and when."""

    document = fields.String(required=True)
    version = fields.String(required=True)
    text_sha256 = fields.String(required=True)
    language = fields.String(required=True)
    sentences = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    accepted_at = fields.AwareDateTime(required=True, format="iso")


class Nothing(Request):
    """`terms_versions` asks for nothing."""


class TermsTextShown(Reply):
    """The text of a version in one language, by its digest."""

    language = fields.String(required=True)
    sha256 = fields.String(required=True)


class TermsVersionShown(Reply):
    """A version of the terms: since when it is offered, and whether a sign-up accepts it now."""

    version = fields.String(required=True)
    valid_from = fields.Date(required=True)
    in_force = fields.Boolean(required=True)
    is_demo = fields.Boolean(required=True)
    texts = fields.List(fields.Nested(TermsTextShown), required=True)


class SentenceShown(Reply):
    """A sentence that the customer confirms at sign-up, in one language."""

    id = fields.String(required=True)
    language = fields.String(required=True)
    text = fields.String(required=True)
    sha256 = fields.String(required=True)


class TermsVersions(Reply):
    """`terms_versions`: all that are held, the oldest first, and the sentences that are confirmed."""

    versions = fields.List(fields.Nested(TermsVersionShown), required=True)
    sentences = fields.List(fields.Nested(SentenceShown), required=True)


class OfTerms(Request):
    """`terms_text`: of one version, in one language."""

    version = MachineCode(required=True)
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))


class TermsText(Reply):
    """`terms_text`: the exact text, and its digest."""

    version = fields.String(required=True)
    language = fields.String(required=True)
    valid_from = fields.Date(required=True)
    is_demo = fields.Boolean(required=True)
    sha256 = fields.String(required=True)
    text = fields.String(required=True)


class AccountShown(Reply):
    """`get_account`. `is_personal` marks a sole trader, whose company data are a person's data."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    org_number = fields.String(required=True, allow_none=True)
    org_form = fields.String(required=True, allow_none=True)
    is_personal = fields.Boolean(required=True)
    language = fields.String(required=True)
    register_outcome = fields.String(required=True)
    review_required = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    agreement = fields.Nested(AgreementShown, required=True, allow_none=True)
    notice_months = fields.Integer(required=True)
    noticed_on = fields.Date(required=True, allow_none=True)
    notice_ends_on = fields.Date(required=True, allow_none=True)
    inactivated_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    inactivated_by = fields.String(required=True, allow_none=True)
    inactivation_reason = fields.String(required=True, allow_none=True)
    blocked_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    block_reason = fields.String(required=True, allow_none=True)
    review_reasons = fields.List(fields.String(), required=True)


class UpdateAccount(Request):
    """`update_account`: the fields that are present are changed. A new name or number is checked again."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    version = Version(required=True)
    name = Name()
    email = EmailAddress()
    phone = Phone()
    org_number = OrgNumber(allow_none=True)
    language = fields.String(validate=validate.OneOf(LANGUAGES))


class ChangeAccount(Request):
    """`deactivate_account`, `reactivate_account`: by an owner or by staff, of the version last read."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    version = Version(required=True)


class DeactivateAccount(ChangeAccount):
    """`deactivate_account`: by an owner, or by staff, who say why (one of `suspicion_rules.REASONS`).

    `Conflict` where staff act on suspicion and the customer was not approached often enough before.
    """

    reason = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(tuple(REASONS)))


class BlockAccount(ChangeAccount):
    """`block_account`, by staff: close it at once to protect it; no months begin."""

    reason = fields.String(required=True, validate=validate.OneOf(BLOCK_REASONS))


class LetInstruct(ChangeAccount):
    """`let_instruct`, by staff: the owners of a bankrupt company may instruct, and why."""

    reason = fields.String(required=True, validate=validate.OneOf(LET_REASONS))


class CorrectNumber(ChangeAccount):
    """`correct_org_number`, by staff: the number of the same company was mistyped."""

    org_number = OrgNumber(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(NUMBER_REASONS))


class RecordContact(Request):
    """`record_contact`, by staff: an attempt to reach the customer, today where no day is given."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    attempted_on = fields.Date(load_default=None, allow_none=True)


class ContactRecorded(Reply):
    """How many attempts there are now."""

    attempts = fields.Integer(required=True)


class ContactShown(Reply):
    """One attempt to reach the customer."""

    channel = fields.String(required=True)
    outcome = fields.String(required=True)
    attempted_on = fields.Date(required=True)
    actor = fields.String(required=True)


class Contacts(Reply):
    """`contacts`: the attempts to reach a customer, oldest first."""

    attempts = fields.List(fields.Nested(ContactShown), required=True)


class TerminateContract(Request):
    """`terminate_contract`: notice that reached the staff, by which way, and when if not today.

    `Conflict` where notice was given already, `Invalid` for a day that cannot be that of the notice.
    """

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    version = Version(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    received_on = fields.Date(load_default=None, allow_none=True)


class TerminateWithPassword(Request):
    """`terminate_with_password`: notice by an owner, in a session and with the password."""

    token = Token()
    password = Password()
    origin = fields.Nested(Origin, required=True)
    version = Version(required=True)


class AgreeNoticePeriod(Request):
    """`agree_notice_period`, by staff: so many calendar months of notice."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    version = Version(required=True)
    months = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=NOTICE_MONTHS_MAX))


class NoticeGiven(Reply):
    """The company under notice; it stays active until `notice_ends_on` has passed in Oslo."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    noticed_on = fields.Date(required=True)
    notice_ends_on = fields.Date(required=True)


class AccountChanged(Reply):
    """The company after the change."""

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)


class AddUser(Request):
    """`add_user`: by an owner or by staff. The new user gets a letter and sets a password with it."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    name = Name(of_person=True, required=True)
    email = EmailAddress(required=True)
    phone = Phone(required=True)
    language = fields.String(load_default="nb", validate=validate.OneOf(LANGUAGES))


class UpdateUser(Request):
    """`update_user`: the fields that are present are changed; users change their own data, owners all.

    A new address counts once the person has confirmed it; one's own is changed by `change_email`, with the
    password. Only an owner changes roles.
    """

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    user_id = fields.UUID(required=True)
    version = Version(required=True)
    name = Name(of_person=True)
    email = EmailAddress()
    phone = Phone()
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    role = fields.String(validate=validate.OneOf(ROLES))


class ChangeUser(Request):
    """`deactivate_user`, `reactivate_user`, `invite_user`: by an owner or by staff."""

    account_id = fields.UUID(required=True)
    actor = ActorField(required=True)
    user_id = fields.UUID(required=True)
    version = Version(required=True)


class UserChanged(Reply):
    """The user after the change."""

    user_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)


class UserShown(Reply):
    """One user. `invited` is true until the user has set a password."""

    user_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    role = fields.String(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    language = fields.String(required=True)
    email_confirmed = fields.Boolean(required=True)
    invited = fields.Boolean(required=True)


class Users(Reply):
    """`list_users`: all of them for an owner and for staff, only oneself for a user."""

    users = fields.List(fields.Nested(UserShown), required=True)
