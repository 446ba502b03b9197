"""What only staff decide: attempts to reach the customer, a protective block, who may instruct."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from marshmallow.validate import OneOf

from services.account.accounts.calls import INTO_ACCOUNT, AccountChanged, AtVersion, ForAccount
from services.account.accounts.values import CHANNELS
from services.account.suspicion.values import BLOCK_REASONS, LET_REASONS, OUTCOMES
from shared.calls import Call
from shared.errors import Conflict, Invalid
from shared.records import Record
from shared.staff import CARERS, DECIDERS, READERS, Act


class ContactRecorded(Record):
    """How many attempts there are now."""

    attempts: int


class RecordContact(
    ForAccount,
    Call[ContactRecorded],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Invalid),
    staff=Act(roles=CARERS),
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


class Contacts(
    ForAccount,
    Call[ContactsShown],
    service="account",
    refusals=INTO_ACCOUNT,
    staff=Act(roles=READERS, shows="account_id"),
):
    """The attempts to reach the customer, oldest first."""


class BlockAccount(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=CARERS),
):
    """Close an account at once to protect it: nobody gets in, nothing is erased, no months begin."""

    reason: Annotated[str, OneOf(BLOCK_REASONS)]


class UnblockAccount(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=DECIDERS),
):
    """Open a blocked account again."""


class LetInstruct(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=DECIDERS),
):
    """Let the owners of a bankrupt company instruct again, after a person has looked at who they are."""

    reason: Annotated[str, OneOf(LET_REASONS)]
