"""What comes due and what is over, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def coming(tx: Transaction, now: datetime, *, limit: int) -> list[UUID]:
    """Open cases with a clock of which the owner is to be told, held until the transaction ends."""
    return [row["id"] for row in tx.all(Q.coming, now=now, limit=limit)]


def without_owner(tx: Transaction) -> Row | None:
    """How many open cases nobody answers for, and since when."""
    return tx.one(Q.without_owner)


def restored(tx: Transaction) -> Row | None:
    """How many cases were made true again after a restore and not looked at, and since when."""
    return tx.one(Q.restored)


def overdue(tx: Transaction, now: datetime) -> Row | None:
    """How many open cases have a clock whose time is over, and since when."""
    return tx.one(Q.overdue, now=now)


def outliving(tx: Transaction) -> Row | None:
    """How many clocks run although their case has ended."""
    return tx.one(Q.outliving)


def purge(tx: Transaction, kind: str, before: datetime, *, limit: int) -> int:
    """Forget files of a kind that ended before then; how many."""
    return tx.run(Q.purge, kind=kind, before=before, limit=limit)
