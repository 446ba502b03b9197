"""What erasures came to here, by erasure: a repeated order gets the same answer. It names nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.database import Transaction, load_queries
from shared.participation.values import Step

BATCH: Final = 1000
Q: Final = load_queries(__file__, "steps.sql")


def find(tx: Transaction, erasure_id: UUID) -> Step | None:
    """What was answered to this erasure before; None where nothing was."""
    row = tx.one(Q.step, erasure_id=erasure_id)
    return Step(row["counts"], tuple(row["retained"])) if row else None


def keep(tx: Transaction, erasure_id: UUID, step: Step, now: datetime) -> Step:
    """Remember what the erasure came to, and return what is answered: the first that was remembered."""
    values = {"counts": Jsonb(dict(step.counts)), "retained": list(step.retained)}
    tx.run(Q.keep, erasure_id=erasure_id, **values, now=now)
    return find(tx, erasure_id) or step


def forget(tx: Transaction, before: datetime) -> bool:
    """Forget a batch of what was answered before then; whether there may be more."""
    return tx.run(Q.forget, before=before, limit=BATCH) == BATCH
