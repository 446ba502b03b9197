"""What billing-sync answers about work that waits for a person."""

from __future__ import annotations

from uuid import UUID

from shared.calls import Call
from shared.errors import NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import Act, Role


class FailedJob(Record):
    """A job that waits for a person."""

    job_id: UUID
    account_id: UUID
    kind: str
    attempts: int
    reason: str | None


class FailedJobs(PageShown):
    """A page of them, the oldest first."""

    jobs: tuple[FailedJob, ...]


class Failed(
    Paged, Call[FailedJobs], service="billing-sync", staff=Act(roles=(Role.FINANCE, Role.OPERATOR, Role.AUDITOR))
):
    """What waits for a person."""


class Retried(Record):
    """The job waits to be tried."""

    job_id: UUID


class Retry(
    Call[Retried],
    service="billing-sync",
    refusals=(NotFound,),
    staff=Act(roles=(Role.FINANCE, Role.OPERATOR), changes=True),
):
    """Try a failed job again now."""

    job_id: UUID
