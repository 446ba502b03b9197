"""What billing-sync answers to the desk."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record


class JobShown(Record):
    """One piece of work towards Tripletex."""

    kind: str
    state: str
    attempts: int
    reason: str | None
    due_at: datetime


class StatusShown(Record):
    """How the copy of one account stands. `state` is `unknown`, `linked`, `minimised` or `erased`."""

    account_id: UUID
    state: str
    customer_number: int | None
    tripletex_id: int | None
    contacts: int
    synced_at: datetime | None
    bookkeeping_until: date | None
    jobs: tuple[JobShown, ...]


class Status(Call[StatusShown], service="billing-sync"):
    """How the copy of one account at Tripletex stands."""

    account_id: UUID


class FailedJob(Record):
    """A job that waits for a person."""

    job_id: UUID
    account_id: UUID
    kind: str
    attempts: int
    reason: str | None


class FailedJobs(Record):
    """At most 100, oldest first."""

    jobs: tuple[FailedJob, ...]


class Failed(Call[FailedJobs], service="billing-sync"):
    """What waits for a person."""


class Retried(Record):
    """The job waits to be tried."""

    job_id: UUID


class Retry(Call[Retried], service="billing-sync", refusals=(NotFound,)):
    """Try a failed job again now."""

    job_id: UUID
