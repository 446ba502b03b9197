"""Requests for an early erasure, as rows."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.retention.early_erasure import rules
from services.retention.early_erasure.values import Course, EarlyRequest
from services.retention.erasure.values import Scope
from shared.database import Row, Transaction, load_queries
from shared.keyset import Paged, bounds

Q = load_queries(__file__)

LEASE: Final = timedelta(seconds=60)
DUE: Final = rules.WAITS["early_request.next_at"]
BATCH: Final = 20
PURGED_AT_ONCE: Final = 500


def add(tx: Transaction, request: EarlyRequest) -> bool:
    """Keep an accepted request; False where this one or another of the same waits already."""
    return tx.run(Q.insert, **asdict(request)) == 1


def find(tx: Transaction, request_id: UUID) -> EarlyRequest | None:
    """One request."""
    row = tx.one(Q.find, id=request_id)
    return _request(row) if row else None


def is_waiting(tx: Transaction, scope: Scope) -> bool:
    """Whether a request that takes this scope is accepted and not carried out yet: an account takes its users."""
    return tx.one(Q.is_waiting, account_id=scope.account_id, user_id=scope.user_id) is not None


def waiting_of(tx: Transaction, scope: Scope) -> list[EarlyRequest]:
    """The accepted request of just this that is not carried out yet, if there is one; held until the end."""
    return [_request(row) for row in tx.all(Q.waiting_of, account_id=scope.account_id, user_id=scope.user_id)]


def of_account(tx: Transaction, account_id: UUID, page: Paged) -> list[EarlyRequest]:
    """The requests of an account and of its users, newest first: a page, and one more where another follows."""
    return [_request(row) for row in tx.all(Q.of_account, account_id=account_id, **bounds(page))]


def claim(tx: Transaction, now: datetime) -> list[EarlyRequest]:
    """Accepted requests; they are ours for a minute."""
    return [_request(row) for row in tx.all(Q.claim, now=now, lease_until=now + LEASE, limit=BATCH, due=DUE)]


def put_off(tx: Transaction, request_id: UUID, next_at: datetime) -> None:
    """Try again then."""
    tx.run(Q.put_off, id=request_id, next_at=next_at)


def settle(tx: Transaction, request: EarlyRequest) -> bool:
    """Keep what became of it; False where somebody else has settled it."""
    return tx.run(Q.settle, id=request.id, course=request.course.value, erasure_id=request.erasure_id) == 1


def purge(tx: Transaction, before: datetime) -> int:
    """Forget settled requests registered before then, in a batch; how many."""
    return tx.run(Q.purge, before=before, limit=PURGED_AT_ONCE)


def stuck(tx: Transaction, before: datetime) -> Row | None:
    """How many were accepted before then and not carried out, and since when."""
    return tx.one(Q.stuck, before=before)


def _request(row: Row) -> EarlyRequest:
    same = {each.name: row[each.name] for each in fields(EarlyRequest) if each.name != "course"}
    return EarlyRequest(**same, course=Course(row["course"]))
