"""Letters to whoever made a request, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def requester(tx: Transaction, case_id: UUID) -> Row | None:
    """Who asked: the user that the case is about, with the company. None where the case names none."""
    return tx.one(Q.requester, case_id=case_id)


def add(tx: Transaction, letter_id: UUID, letter: str, *, of: tuple[UUID, UUID | None], now: datetime) -> None:
    """A letter is ordered, `of` a case and a decision about it; ordered again it is the same one."""
    case_id, decision_id = of
    tx.run(Q.add, id=letter_id, case_id=case_id, decision_id=decision_id, letter=letter, now=now)


def get(tx: Transaction, letter_id: UUID) -> Row | None:
    """A letter: its case and decision, which one it is, and since when it has left."""
    return tx.one(Q.get, id=letter_id)


def sent(tx: Transaction, letter_id: UUID, at: datetime, posted_by: str | None = None) -> bool:
    """It has left; whether that was not known before. `posted_by` is who posted it."""
    return tx.run(Q.sent, id=letter_id, at=at, posted_by=posted_by) == 1
