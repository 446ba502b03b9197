"""Undertakings and training in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.prerequisites.values import Ending, Prerequisite, PrerequisiteKind
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def add(tx: Transaction, prerequisite: Prerequisite) -> None:
    """Keep one. Whoever adds one has locked its person."""
    tx.run(
        Q.add,
        id=prerequisite.id,
        person_id=prerequisite.person_id,
        kind=prerequisite.kind.value,
        what=prerequisite.what,
        began_at=prerequisite.began_at,
        expires_at=prerequisite.expires_at,
        recorded_at=prerequisite.recorded_at,
        recorded_by=prerequisite.recorded_by,
    )


def of_person(tx: Transaction, person_id: UUID) -> list[Prerequisite]:
    """All of a person, the newest first."""
    return [_prerequisite(row) for row in tx.all(Q.of_person, person_id=person_id)]


def lock(tx: Transaction, prerequisite_id: UUID) -> Prerequisite | None:
    """One, locked until the transaction ends."""
    row = tx.one(Q.lock, id=prerequisite_id)
    return _prerequisite(row) if row else None


def end(tx: Transaction, prerequisite_id: UUID, reason: Ending, now: datetime) -> None:
    """It counts no more."""
    tx.run(Q.end, id=prerequisite_id, reason=reason.value, now=now)


def expired(tx: Transaction, now: datetime, *, limit: int) -> list[Prerequisite]:
    """Those that are over and not ended yet, locked; those that somebody else is changing are left out."""
    return [_prerequisite(row) for row in tx.all(Q.expired, now=now, limit=limit)]


def ending(tx: Transaction, before: datetime) -> Row | None:
    """How many people of the staff have no undertaking or no training from then on, and when the first ends."""
    return tx.one(Q.ending, before=before)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget what ended before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)


def _prerequisite(row: Row) -> Prerequisite:
    reason = row["ended_because"]
    known = {"kind": PrerequisiteKind(row["kind"]), "ended_because": Ending(reason) if reason else None}
    return Prerequisite(**row | known)
