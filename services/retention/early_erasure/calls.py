"""What retention answers about early erasures. What the customer wrote is kept elsewhere, under its number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.retention.early_erasure.values import AUTHORITY_CHECKS, EVIDENCE, IDENTITY_CHECKS, REQUESTER_ROLES
from shared.calls import Call
from shared.errors import Conflict, Invalid, NotFound
from shared.records import Record
from shared.staff import DECIDERS, READERS, Act

ASKING_SECONDS: Final = 10.0
"""Where account is asked first."""


class EarlyShown(Record):
    """An early request and what became of it; `course` is `accepted`, `begun` or `dropped`."""

    request_id: UUID
    account_id: UUID
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
    """Accept a customer's written request; the account is made inactive and erased without waiting.

    Every field is needed, and one that is missing or cannot be true refuses all of it. Whoever asks for it has
    checked it, and another person has approved it: both are in the signed statement.

    It takes no notice of termination (L59). `request_id` makes a repeated call harmless. `Conflict` where the
    account is being erased; `NotFound` where there is none.
    """

    request_id: UUID | None = None
    account_id: UUID
    requester_role: Annotated[str, OneOf(REQUESTER_ROLES)]
    evidence: Annotated[str, Regexp(f"{EVIDENCE}\\Z", error="sak-, brev-, epost- or signert-<year>-<number>")]
    received_on: date
    identity_check: Annotated[str, OneOf(IDENTITY_CHECKS)]
    authority_check: Annotated[str, OneOf(AUTHORITY_CHECKS)]
    export_offered_on: date


class EarlyRequestsShown(Record):
    """The newest first."""

    requests: tuple[EarlyShown, ...]


class EarlyRequests(Call[EarlyRequestsShown], service="retention", staff=Act(roles=READERS, shows="account_id")):
    """The requests for an early erasure of one account, newest first."""

    account_id: UUID
