"""The end of the contract: notice, its withdrawal, its period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf, Range

from services.account.accounts.calls import INTO_ACCOUNT, AccountChanged, AtVersion
from services.account.accounts.values import CHANNELS
from services.account.authentication.calls import HASHING_SECONDS, InSession, Origin
from services.account.fields.kinds import Password, Version
from services.account.termination.values import NOTICE_MONTHS_MAX
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import Act, Role


class NoticeGiven(Record):
    """The company under notice; it stays active until `notice_ends_on` has passed in Oslo."""

    account_id: UUID
    version: int
    state: str
    noticed_on: Annotated[date, "The day the notice was received, in Oslo."]
    notice_ends_on: Annotated[date, "The last day of the notice period, in Oslo."]


class TerminateContract(
    AtVersion,
    Call[NoticeGiven],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.FINANCE)),
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
    command=True,
    aside=("token", "origin"),
    refusals=(Unauthenticated, Forbidden, Locked, Conflict, TooMany),
    seconds=HASHING_SECONDS,
):
    """Notice by an owner, who proves in the session to know the password: it ends in erasure."""

    version: Version
    current_password: Annotated[Password, "The password."]
    origin: Origin


class WithdrawNotice(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.FINANCE), besides=("gateway",)),
):
    """Take a notice back, until its last day has passed."""


class AgreeNoticePeriod(
    AtVersion,
    Call[AccountChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict),
    staff=Act(roles=(Role.FINANCE, Role.MANAGEMENT)),
):
    """Keep a notice period of so many calendar months, agreed with this customer, by staff.

    It moves no notice already given.
    """

    months: Annotated[int, Range(min=1, max=NOTICE_MONTHS_MAX)]


class EndedForErasure(Record):
    """Since when the account, or the user, is inactive."""

    inactivated_at: datetime


class EndForErasure(Call[EndedForErasure], service="account", command=True, refusals=(NotFound, Conflict)):
    """Make an account inactive, or one user of it, whose early erasure was asked for in writing; twice is once.

    For retention (L59, L204). `wished_at` is when it was accepted that an account under no notice, or a user, shall
    go. `Conflict` where the account is active, no notice is in force and that is left out, or where account or user
    came back since then; with the reason `last_owner` where the company would be without one. Who is inactive stays
    as they are.
    """

    account_id: UUID
    user_id: UUID | None = None
    wished_at: datetime | None = None
