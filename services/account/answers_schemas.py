"""Requests and replies of what other services and the desk ask of accounts (`answers`, `termination`).

What a customer or the desk changes is in `schemas`.
"""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from services.account.kinds import ActorField, Flag, KnownEmailAddress, MachineCode, OrgNumber, Reply, Request
from services.account.values import PURPOSES, Actor

ORIGINS_LIMIT: Final = 500
SEARCH_LIMIT: Final = 50
SUBJECTS_LIMIT: Final = 500


class SearchAccounts(Request):
    """`search_accounts`, for the desk: by one of the fields. Answers with ids and states, no names.

    `actor` looks, for a `purpose` (one of `PURPOSES`): that somebody did is recorded, not for whom.
    """

    email = KnownEmailAddress()
    org_number = OrgNumber()
    account_id = fields.UUID()
    review_required = Flag()
    actor = ActorField(load_default=Actor("system"))
    purpose = fields.String(load_default="operations", validate=validate.OneOf(PURPOSES))

    @ma.validates_schema
    def one_criterion(self, data: dict[str, Any], **_: Any) -> None:
        """Exactly one way to search."""
        if len(data.keys() - {"actor", "purpose"}) != 1:
            raise ma.ValidationError("exactly one of email, org_number, account_id, review_required")


class AccountFound(Reply):
    """One account a search came upon."""

    account_id = fields.UUID(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    register_outcome = fields.String(required=True)
    review_required = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    inactivated_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")


class AccountsFound(Reply):
    """`search_accounts`: at most 50, newest first."""

    accounts = fields.List(fields.Nested(AccountFound), required=True)


class LetterFacts(Request):
    """`letter_facts`, for notification: what a letter to this user needs, at the moment of sending.

    With a `ticket_id` a new token is minted, whose predecessor stops working; only its digest is kept. For the
    letter `address_changed` it names the address that was replaced, which is the answer then.
    `NotFound` when user or ticket are gone, `Conflict` when the ticket is used up or too old, `Locked` when
    the user or the company is inactive and `letter` is not one of `letter_rules.LETTERS_WHEN_INACTIVE`.
    """

    user_id = fields.UUID(required=True)
    letter = MachineCode(required=True)
    ticket_id = fields.UUID(load_default=None, allow_none=True)


class LetterFactsShown(Reply):
    """Where the letter goes and whom it greets. `link_token` is None without a ticket.

    `confirmed` says whether anybody ever read a letter at the user's address and said so. `link_kind` is the kind
    of the ticket and `link_ends_at` when its token stops working; for a replaced address, when that is forgotten.
    `closed_by` is one of `TRIGGERS` where company or user are inactive. `company_is_blocked` says that staff closed
    it to protect it, `company_is_bankrupt` that only the trustee decides for it any more. `registered_at` and
    `terms_version` are told to whoever signed the company up, while that is to be confirmed.
    """

    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    language = fields.String(required=True)
    company_name = fields.String(required=True)
    link_token = fields.String(required=True, allow_none=True)
    link_kind = fields.String(required=True, allow_none=True)
    link_ends_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    confirmed = fields.Boolean(required=True)
    company_is_inactive = fields.Boolean(required=True)
    company_is_blocked = fields.Boolean(required=True)
    company_is_bankrupt = fields.Boolean(required=True)
    closed_by = fields.String(required=True, allow_none=True)
    registered_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    terms_version = fields.String(required=True, allow_none=True)


class AboutAccount(Request):
    """`recipients`, `company_facts`: by another service."""

    account_id = fields.UUID(required=True)


class Recipient(Reply):
    """A user who may get letters about the account; `confirmed` as in `letter_facts`."""

    user_id = fields.UUID(required=True)
    role = fields.String(required=True)
    confirmed = fields.Boolean(required=True)


class Recipients(Reply):
    """`recipients`: the users not deactivated one by one; answered for inactive accounts too, owners first."""

    recipients = fields.List(fields.Nested(Recipient), required=True)


class CompanyContact(Reply):
    """An owner as the customer's contact."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)


class CompanyFacts(Reply):
    """`company_facts`, for billing-sync: the fields of L132 and L136-140 that billing needs.

    `Locked` for an inactive account: nothing is copied to others from then on. `contacts` are active owners
    whose address is confirmed.
    """

    account_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    org_number = fields.String(required=True, allow_none=True)
    org_form = fields.String(required=True, allow_none=True)
    is_personal = fields.Boolean(required=True)
    language = fields.String(required=True)
    active_users = fields.Integer(required=True)
    contacts = fields.List(fields.Nested(CompanyContact), required=True)


class Standing(Request):
    """`standing`, for retention: of the account, or of one user of it. `NotFound` once erased."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None, allow_none=True)


class StandingShown(Reply):
    """`state` and `inactivated_at` of the account, or of the user asked for; what begins `account` in both cases.

    `account_trigger` is one of `TRIGGERS`, None while active. The two dates are those of a notice of termination:
    one in force, or with the trigger `contract_terminated` the one that has ended.
    """

    state = fields.String(required=True)
    inactivated_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    version = fields.Integer(required=True)
    account_state = fields.String(required=True)
    account_trigger = fields.String(required=True, allow_none=True)
    noticed_on = fields.Date(required=True, allow_none=True)
    notice_ends_on = fields.Date(required=True, allow_none=True)


class EndForErasure(Request):
    """`end_for_erasure`, for retention, on an early request of the customer in writing (L204).

    `Conflict` where the account is active and no notice is in force; one that is inactive stays as it is.
    """

    account_id = fields.UUID(required=True)


class EndedForErasure(Reply):
    """`end_for_erasure`: since when the account is inactive."""

    inactivated_at = fields.AwareDateTime(required=True, format="iso")


class BeginErasure(Request):
    """`begin_erasure`, for retention, just before the keys are fenced: of the account, or of one user of it.

    `Conflict` where the account or user is active: somebody came back, and nothing may be destroyed. `NotFound`
    where there is no such account or user.
    """

    erasure_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    user_id = fields.UUID(load_default=None, allow_none=True)


class WithdrawErasure(Request):
    """`withdraw_erasure`, for retention: an erasure that was begun is held before anything was destroyed."""

    erasure_id = fields.UUID(required=True)


class SubjectAsked(Request):
    """A company, or one user of it."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)


class UnknownSubjects(Request):
    """`unknown_subjects`, for retention: which of these companies and users there is no row of."""

    subjects = fields.List(
        fields.Nested(SubjectAsked), required=True, validate=validate.Length(min=1, max=SUBJECTS_LIMIT)
    )


class SubjectShown(Reply):
    """A company, or one user of it."""

    account_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, allow_none=True)


class UnknownSubjectsShown(Reply):
    """`unknown_subjects`: those without a row, of those asked for."""

    subjects = fields.List(fields.Nested(SubjectShown), required=True)


class LoginOrigins(Request):
    """`login_origins`, for audit: where log-ins came from; they are kept here for 48 hours."""

    attempt_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=ORIGINS_LIMIT))


class LoginOrigin(Reply):
    """One attempt. `address_index` and `network_index` (hexadecimal) are equal for equal addresses and /24, /48.

    `ip` and `user_agent` are None once the person is being erased.
    """

    attempt_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    user_id = fields.UUID(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, format="iso")
    outcome = fields.String(required=True)
    ip = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    address_index = fields.String(required=True)
    network_index = fields.String(required=True)


class LoginOriginsShown(Reply):
    """`login_origins`: those still kept, in no particular order."""

    attempts = fields.List(fields.Nested(LoginOrigin), required=True)
