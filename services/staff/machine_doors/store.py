"""Uses of the machine's doors in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.machine_doors.values import DoorUse
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def add(tx: Transaction, use: DoorUse) -> bool:
    """Keep that a door was used; False where this use is known."""
    return bool(tx.run(Q.add, id=use.id, door=use.door, used_at=use.used_at))


def add_again(tx: Transaction, use: DoorUse) -> None:
    """A door was used, then or before."""
    tx.run(Q.add_again, id=use.id, door=use.door, used_at=use.used_at)


def lock(tx: Transaction, use_id: UUID) -> DoorUse | None:
    """One use, which nobody else changes until the transaction ends."""
    row = tx.one(Q.lock, id=use_id)
    return DoorUse(**row) if row else None


def countersign(tx: Transaction, use_id: UUID, approval_id: UUID, now: datetime) -> None:
    """Two persons have seen it; where two others had before nothing changes."""
    tx.run(Q.countersign, id=use_id, approval_id=approval_id, now=now)


def listed(tx: Transaction, limit: int) -> list[DoorUse]:
    """Those that wait first, the oldest of them first; then the newest."""
    return [DoorUse(**row) for row in tx.all(Q.listed, limit=limit)]


def overdue(tx: Transaction, before: datetime) -> Row | None:
    """How many were used before then that nobody has countersigned, and when the first was."""
    return tx.one(Q.overdue, before=before)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget what was countersigned before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)
