"""What retention answers about early erasures. What the customer wrote is kept elsewhere, under its number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.retention.early_erasure.values import AUTHORITY_CHECKS, EVIDENCE, IDENTITY_CHECKS, REQUESTER_ROLES
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import DECIDERS, READERS, Act

ASKING_SECONDS: Final = 10.0
"""Where account is asked first."""


class EarlyShown(Record):
    """An early request and what became of it; `course` is `accepted`, `begun` or `dropped`."""

    request_id: UUID
    account_id: UUID
    user_id: UUID | None
    course: str
    requester_role: str
    evidence: str
    received_on: date
    identity_check: str
    authority_check: str
    checked_by: str
    approved_by: str
    export_offered_on: date
    registered_at: datetime
    erasure_id: UUID | None


class RequestEarlyErasure(
    Call[EarlyShown],
    service="retention",
    refusals=(Invalid, Conflict, NotFound),
    seconds=ASKING_SECONDS,
    staff=Act(roles=DECIDERS, two_persons=True, changes=True, chosen="request_id"),
):
    """Accept a written request; the account, or one user of it, is made inactive and erased without waiting.

    A customer asks for its account. With `user_id` a person asks for their own data (GDPR, article 17): then the
    role is `data_subject` and the authority `self`, and only then. What they entered for the company stays with it.

    Every field is needed, and one that is missing or cannot be true refuses all of it. Whoever asks for it has
    checked it, and another person has approved it: both are in the signed statement.

    It takes no notice of termination (L59). `request_id` makes a repeated call harmless. `Conflict` where account
    or user are being erased, and for the last owner of a company; `NotFound` where there is none.
    """

    request_id: UUID | None = None
    account_id: UUID
    user_id: UUID | None = None
    requester_role: Annotated[str, OneOf(REQUESTER_ROLES)]
    evidence: Annotated[str, Regexp(f"{EVIDENCE}\\Z", error="sak-, brev-, epost- or signert-<year>-<number>")]
    received_on: date
    identity_check: Annotated[str, OneOf(IDENTITY_CHECKS)]
    authority_check: Annotated[str, OneOf(AUTHORITY_CHECKS)]
    export_offered_on: date


class EarlyRequestsShown(PageShown):
    """A page of them, the newest first."""

    requests: tuple[EarlyShown, ...]


class EarlyRequests(
    Paged, Call[EarlyRequestsShown], service="retention", staff=Act(roles=READERS, shows="account_id")
):
    """The requests for an early erasure of one account and of its users, newest first."""

    account_id: UUID
