"""Which erasures are looked at next, and by which replica, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.retention.erasure.due_dates import opens_at
from services.retention.erasure.store import Stored, stored_rows
from services.retention.erasure.values import Answer, Erasure, limits_on
from services.retention.execution import rules
from shared import calendar
from shared.database import Transaction, load_queries

Q = load_queries(__file__)

RUN_LOCK: Final = 0x72756E
BATCH: Final = 20
LEASE: Final = timedelta(seconds=60)
DUE_LIMIT: Final = 10_000


def due(tx: Transaction, now: datetime) -> list[Stored] | None:
    """What is due and has not passed the brake, held; None where another replica plans this run."""
    taken = tx.one(Q.one_run, lock=RUN_LOCK)
    if not taken or not taken["taken"]:
        return None
    found = stored_rows(tx, tx.all(Q.due, latest=calendar.oslo_date(now), limit=DUE_LIMIT))
    return [each for each in found if _is_open(each.erasure, now)]


def _is_open(erasure: Erasure, now: datetime) -> bool:
    return now >= opens_at(erasure, limits_on(erasure.promised_on))


def braked_count(tx: Transaction) -> int:
    """How many wait for a person or are under way without one having looked."""
    row = tx.one(Q.braked_count, limit=DUE_LIMIT)
    return int(row["count"]) if row else 0


def clear(tx: Transaction, ids: Sequence[UUID], now: datetime) -> None:
    """These passed the brake."""
    if ids:
        tx.run(Q.clear, ids=list(ids), now=now)


def claim(tx: Transaction, now: datetime) -> list[UUID]:
    """Take erasures in progress that have something to be done; they are ours for a minute."""
    bounds = {"due": rules.WAITS["erasure.next_at"], "lease": rules.WAITS["erasure.lease_until"]}
    rows = tx.all(Q.claim, now=now, lease_until=now + LEASE, limit=BATCH, **bounds)
    return [row["id"] for row in rows]


def wait(tx: Transaction, stored: Stored, until: datetime) -> None:
    """Nothing to do until then, unless something has happened meanwhile, which is then looked at at once."""
    if not tx.run(Q.wait, id=stored.erasure.id, version=stored.version, next_at=until):
        tx.run(Q.unlease, id=stored.erasure.id)


def let_go(tx: Transaction, erasure_id: UUID, next_at: datetime) -> None:
    """Nobody works on it any more; it is looked at again at `next_at` or earlier."""
    tx.run(Q.let_go, id=erasure_id, next_at=next_at)


def keep_answer(tx: Transaction, erasure_id: UUID, participant: str, answer: Answer, now: datetime) -> None:
    """A participant's latest word."""
    tx.run(
        Q.keep_answer,
        erasure_id=erasure_id,
        participant=participant,
        outcome=answer.outcome.value,
        counts=Jsonb(dict(answer.counts)),
        retained=list(answer.retained),
        now=now,
    )
