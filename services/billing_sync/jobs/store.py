"""The queue of jobs. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.billing_sync.jobs.rules import LEASE, WAITS
from services.billing_sync.jobs.values import Job, JobKind
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id
from shared.keyset import Paged, bounds

Q = load_queries(__file__)


def want(
    tx: Transaction,
    kind: JobKind,
    account_id: UUID,
    now: datetime,
    *,
    user_id: UUID | None = None,
    erasure_id: UUID | None = None,
    held_users: Sequence[UUID] = (),
) -> None:
    """Ask for work; asking twice makes one job."""
    tx.run(
        Q.want,
        id=new_id(),
        kind=kind,
        account_id=account_id,
        user_id=user_id,
        erasure_id=erasure_id,
        held_users=list(held_users),
        now=now,
    )


def claim(tx: Transaction, now: datetime, limit: int) -> list[Job]:
    """Take up to `limit` due jobs of different accounts."""
    bounds = {"job_due_at": WAITS["job.due_at"], "job_lease": WAITS["job.lease_until"]}
    return [Job(**row) for row in tx.all(Q.claim, now=now, lease_until=now + LEASE, limit=limit, **bounds)]


def extend(tx: Transaction, job: Job, now: datetime) -> bool:
    """The job is ours for another lease; False where somebody else has taken over."""
    new_lease = now + LEASE
    if not tx.run(Q.extend, id=job.id, lease_until=job.lease_until, new_lease=new_lease):
        return False
    job.lease_until = new_lease
    return True


def finish(tx: Transaction, job: Job, now: datetime) -> bool:
    """The job is done. False where the lease was lost meanwhile and somebody else has taken over."""
    if tx.run(Q.finish, id=job.id, lease_until=job.lease_until):
        return True
    return bool(tx.run(Q.do_again, id=job.id, lease_until=job.lease_until, now=now))


def postpone(tx: Transaction, job: Job, due_at: datetime, reason: str, *, counted: bool = True) -> None:
    """Try again at `due_at`; `counted` says whether this was a try."""
    tx.run(
        Q.postpone,
        id=job.id,
        lease_until=job.lease_until,
        due_at=due_at,
        reason=reason,
        attempts=job.attempts if counted else job.attempts - 1,
    )


def give_up(tx: Transaction, job: Job, reason: str) -> bool:
    """Leave it to a person; False where the lease was lost."""
    return bool(tx.run(Q.give_up, id=job.id, lease_until=job.lease_until, reason=reason))


def failed(tx: Transaction, page: Paged) -> list[Row]:
    """What waits for a person: a page, and one more where another follows."""
    return tx.all(Q.failed, **bounds(page))


def failed_waiting(tx: Transaction) -> Row | None:
    """How much waits for a person, and since when the oldest was to be done."""
    return tx.one(Q.failed_waiting)


def long_waiting(tx: Transaction, before: datetime) -> Row | None:
    """How much has been wanted since before then and is not done, and since when the oldest."""
    return tx.one(Q.long_waiting, before=before)


def retry(tx: Transaction, job_id: UUID, now: datetime) -> Row | None:
    """Try a failed job again; None where there is no such job."""
    return tx.one(Q.retry, id=job_id, now=now)


def jobs_of(tx: Transaction, account_id: UUID) -> list[Row]:
    """The open jobs of one account."""
    return tx.all(Q.jobs_of, account_id=account_id)


def drop_syncs(tx: Transaction, account_id: UUID, *, under_way: bool = False) -> int:
    """Nothing more is copied for this account; what is `under_way` only goes where nobody can be at it."""
    return tx.run(Q.drop_syncs, account_id=account_id, under_way=under_way)
