"""What has come in, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.intake.rules import KEPT_APART_MOST
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def lock(tx: Transaction, key: str) -> None:
    """Nobody else takes in an alarm of this key until the transaction ends."""
    tx.one(Q.one_by_one, key=key)


def known(tx: Transaction, source: str, digest: bytes) -> Row | None:
    """The case (`case_id`, `reference`) into which this very alarm went before."""
    return tx.one(Q.known, source=source, digest=digest)


def open_case(tx: Transaction, key: str) -> UUID | None:
    """The open case that takes in alarms of this key."""
    row = tx.one(Q.open_case, key=key)
    return row["id"] if row else None


def note(tx: Transaction, source: str, digest: bytes, case_id: UUID, now: datetime) -> None:
    """Remember that the alarm went into this case, unless the case has so many already."""
    row = tx.one(Q.count, case_id=case_id)
    if row and row["count"] < KEPT_APART_MOST:
        tx.run(Q.note, source=source, digest=digest, case_id=case_id, now=now)
