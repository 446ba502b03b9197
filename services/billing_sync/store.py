"""The only room of billing-sync with SQL in reach: links and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.billing_sync.rules import LEASE, RECONCILE_AFTER, WAITS
from services.billing_sync.values import JobKind, Minimised
from shared.database import Transaction, load_queries
from shared.database.pool import Row
from shared.hold_scope import LEGAL_HOLD
from shared.identifiers import new_id

Q = load_queries(__file__)


@dataclass(slots=True, kw_only=True)
class Job:
    """A claimed piece of work; it is ours until `lease_until`, which moves on while we are at it."""

    id: UUID
    account_id: UUID
    user_id: UUID | None
    kind: JobKind
    erasure_id: UUID | None
    attempts: int
    lease_until: datetime
    held_users: Sequence[UUID] = ()
    """Persons whose contact an erasure leaves alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which customer at Tripletex is ours."""

    account_id: UUID
    customer_number: int
    tripletex_id: int | None
    content_hash: bytes | None
    state: str
    synced_at: datetime | None
    minimised_at: datetime | None
    bookkeeping_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLink:
    """Which contact at Tripletex is a user's: its id, or the digest of its address where no answer told the id."""

    tripletex_id: int | None
    expected: bytes | None


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


def failed(tx: Transaction) -> list[Row]:
    """What waits for a person."""
    return tx.all(Q.failed)


def failed_waiting(tx: Transaction) -> Row | None:
    """How much waits for a person, and since when the oldest was to be done."""
    return tx.one(Q.failed_waiting)


def long_waiting(tx: Transaction, before: datetime) -> Row | None:
    """How much has been wanted since before then and is not done, and since when the oldest."""
    return tx.one(Q.long_waiting, before=before)


def retry(tx: Transaction, job_id: UUID, now: datetime) -> bool:
    """Try a failed job again."""
    return bool(tx.run(Q.retry, id=job_id, now=now))


def jobs_of(tx: Transaction, account_id: UUID) -> list[Row]:
    """The open jobs of one account."""
    return tx.all(Q.jobs_of, account_id=account_id)


def drop_syncs(tx: Transaction, account_id: UUID) -> int:
    """Nothing more is copied for this account."""
    return tx.run(Q.drop_syncs, account_id=account_id)


def link(tx: Transaction, account_id: UUID) -> Link | None:
    """The account's customer, where one was ever reserved."""
    row = tx.one(Q.link, account_id=account_id)
    return Link(**row) if row else None


def reserve(tx: Transaction, account_id: UUID) -> Link:
    """The account's customer, with a number of our own from now on."""
    tx.run(Q.reserve, account_id=account_id)
    made = link(tx, account_id)
    if made is None:
        raise LookupError("a customer number was reserved and is not there")
    return made


def synced(tx: Transaction, account_id: UUID, tripletex_id: int, content_hash: bytes, now: datetime) -> None:
    """Tripletex has what the account says."""
    tx.run(Q.synced, account_id=account_id, tripletex_id=tripletex_id, content_hash=content_hash, now=now)


def contacts(tx: Transaction, account_id: UUID) -> dict[UUID, ContactLink]:
    """The contacts that are ours, or may have been made, by user."""
    return {
        row["user_id"]: ContactLink(tripletex_id=row["tripletex_id"], expected=row["expected"])
        for row in tx.all(Q.contacts, account_id=account_id)
    }


def expect_contact(tx: Transaction, account_id: UUID, user_id: UUID, expected: bytes) -> None:
    """A contact of this user, recognised by this digest, is about to be made."""
    tx.run(Q.keep_contact, account_id=account_id, user_id=user_id, tripletex_id=None, expected=expected)


def keep_contact(tx: Transaction, account_id: UUID, user_id: UUID, tripletex_id: int) -> None:
    """This contact is this user."""
    tx.run(Q.keep_contact, account_id=account_id, user_id=user_id, tripletex_id=tripletex_id, expected=None)


def drop_contact(tx: Transaction, account_id: UUID, user_id: UUID) -> None:
    """This user has no contact any more."""
    tx.run(Q.drop_contact, account_id=account_id, user_id=user_id)


def keep_minimised(
    tx: Transaction, account_id: UUID, done: Minimised, now: datetime, *, held_users: Sequence[UUID] = ()
) -> None:
    """After an erasure: keep the number only while bookkeeping is kept there, or a contact that is held."""
    held = list(held_users) if LEGAL_HOLD in done.retained else []
    tx.run(Q.drop_contacts, account_id=account_id, held_users=held)
    if done.bookkeeping_until is None and not held:
        tx.run(Q.drop_link, account_id=account_id)
    else:
        tx.run(Q.keep_minimised, account_id=account_id, now=now, bookkeeping_until=done.bookkeeping_until)


def drop_expired(tx: Transaction, today: date) -> int:
    """Forget links whose bookkeeping has ended."""
    return tx.run(Q.expired_links, today=today)


def forget_answers(tx: Transaction, before: datetime) -> int:
    """Forget what was answered to erasures before then."""
    return tx.run(Q.forget_answers, before=before)


def unchecked(tx: Transaction, now: datetime, limit: int) -> list[UUID]:
    """Accounts whose copy was not compared for `RECONCILE_AFTER`."""
    rows = tx.all(Q.unchecked, before=now - RECONCILE_AFTER, reconcile_after=RECONCILE_AFTER, limit=limit)
    return [row["account_id"] for row in rows]


def answer(tx: Transaction, erasure_id: UUID) -> Minimised | None:
    """What was answered to this erasure before."""
    row = tx.one(Q.answer, erasure_id=erasure_id)
    if row is None:
        return None
    return Minimised(
        customers=row["customers"],
        contacts=row["contacts"],
        retained=tuple(row["retained"]),
        bookkeeping_until=None,
    )


def keep_answer(tx: Transaction, erasure_id: UUID, done: Minimised, now: datetime) -> None:
    """Remember what is answered to this erasure."""
    tx.run(
        Q.keep_answer,
        erasure_id=erasure_id,
        customers=done.customers,
        contacts=done.contacts,
        retained=list(done.retained),
        now=now,
    )
