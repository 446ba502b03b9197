"""Effects in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.engine.values import Effect
from shared.database import Row, Transaction, load_queries
from shared.wait_bounds import LONGEST_WAIT

Q: Final = load_queries(__file__)


def due(tx: Transaction, now: datetime) -> Effect | None:
    """One that is to be tried now, which nobody else tries until the transaction ends."""
    row = tx.one(Q.due, now=now, longest=LONGEST_WAIT)
    return Effect(**row) if row else None


def lock(tx: Transaction, case_id: UUID, decision_id: UUID, code: str) -> Effect | None:
    """One of them, which nobody else changes until the transaction ends."""
    row = tx.one(Q.lock, case_id=case_id, decision_id=decision_id, code=code)
    return Effect(**row) if row else None


def is_published(tx: Transaction, event_id: UUID) -> bool:
    """Whether the broker has confirmed an event of this service; published long ago, it is no longer known."""
    row = tx.one(Q.is_published, event_id=event_id)
    return bool(row and row["is_published"])


def late(tx: Transaction, before: datetime) -> Row | None:
    """How many ordered before then are not confirmed, or were given up, and since when."""
    return tx.one(Q.late, before=before)
