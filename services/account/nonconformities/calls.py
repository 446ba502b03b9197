"""Reports of customers that something is not as agreed, and their texts for whoever handles them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.account.accounts.calls import INTO_ACCOUNT, ForAccount
from services.account.authentication.calls import HASHING_SECONDS, Credentials
from services.account.fields.kinds import text
from services.account.nonconformities.values import ABOUT, TEXT_LIMIT
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, Locked, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import READERS, Act


class Reported(Record):
    """The report was taken in. `reference` is by which it is asked about; the receipt goes by letter."""

    report_id: UUID
    reference: str
    received_at: datetime


class Report(Record):
    """What somebody at a customer reports."""

    about: Annotated[str, OneOf(ABOUT), "What it is about, as you see it; you are not held to it."]
    text: Annotated[
        str,
        text(TEXT_LIMIT),
        "What is not as agreed, where you saw it and what you did. Name no more people than is needed: it is kept "
        "encrypted, read by whoever handles the case, and erased with the account. National identity numbers are "
        "refused.",
    ]
    noticed_at: Annotated[datetime | None, "When you noticed it; not in the future."] = None


class ReportNonconformity(
    Report, ForAccount, Call[Reported], service="account", command=True, refusals=(*INTO_ACCOUNT, Invalid, TooMany)
):
    """Somebody at a customer reports that something is not as agreed: an owner or any other user (L178).

    It is taken whatever else is held, restricted or under notice, and changes nothing of the account. `TooMany`
    where this user has reported very often in a day: others of the company, mail and telephone are open all the
    same.
    """


class ReportWithPassword(
    Report,
    Credentials,
    Call[Reported],
    service="account",
    refusals=(Unauthenticated, Forbidden, Locked, Invalid, TooMany, Conflict),
    seconds=HASHING_SECONDS,
):
    """The same for who cannot log in because the account is inactive: until its erasure begins a report is taken.

    What one user sends twice with the same `key` is one report; `Conflict` where it is about something else.
    `Locked` once the erasure has begun, and for an account that the vendor has closed to protect it.
    """

    key: Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256")] | None = None


class ReportShown(Record):
    """A report of a customer. `user_id` is null once whoever made it was erased.

    `text` is null where nobody can read it any more.
    """

    report_id: UUID
    reference: str
    user_id: UUID | None
    about: str
    text: str | None
    noticed_at: datetime | None
    received_at: datetime


class ReportsShown(Record):
    """The newest first: at most a hundred, and no more than one answer holds.

    `complete` is false where there are more. Then each user's newest come before anybody's older ones, and any
    other one is asked for by its id.
    """

    reports: tuple[ReportShown, ...]
    complete: bool


class NonconformityReports(
    ForAccount,
    Call[ReportsShown],
    service="account",
    refusals=INTO_ACCOUNT,
    staff=Act(roles=READERS, shows="account_id"),
):
    """What people of a customer have reported, in their own words; staff leave a trace of the read.

    An owner sees what the company reported, anybody else what they reported themselves. `report_id` asks for one
    alone, which is the id of its case too: no more is read than the case is about.
    """

    report_id: UUID | None = None
