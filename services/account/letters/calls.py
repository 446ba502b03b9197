"""Letters asked for, and what notification needs to write one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from services.account.accounts.calls import Accepted
from services.account.fields.kinds import AN_ADDRESS, KnownEmail, MachineCode
from shared.calls import Call
from shared.errors import Conflict, Locked, NotFound
from shared.records import Record


class Address(Record):
    """An address, known or not."""

    email: Annotated[KnownEmail, AN_ADDRESS]


class RequestConfirmation(Address, Call[Accepted], service="account"):
    """Note the wish for another confirmation letter; whether the address is known is looked up later."""


class RequestPasswordReset(Address, Call[Accepted], service="account"):
    """Note the wish for a letter to set a new password; the address is looked up later."""


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
    reply_name: str | None = None
    """What stands in front of the `@` of the address to reply to; null where no reply to it is taken."""


class LetterFacts(Call[LetterFactsShown], service="account", refusals=(NotFound, Conflict, Locked)):
    """What notification needs for a letter to this user, at the moment of sending.

    It is the only place where a letter gets its address and token. With a `ticket_id` a new token is minted, whose
    predecessor stops working; only its digest is kept. For the letter `address_changed` it names the address that
    was replaced, which is the answer then. `NotFound` when user or ticket are gone, `Conflict` when the ticket is
    used up or too old, `Locked` when the user or the company is inactive and `letter` is not
    marked `when_inactive` in `services/notification/letters/kinds.py`.
    """

    user_id: UUID
    letter: MachineCode
    ticket_id: UUID | None = None
    thread_id: UUID | None = None


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
