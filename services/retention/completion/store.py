"""Erasures that kept something, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.retention.erasure.values import HeldPart
from shared.database import Row, Transaction, load_queries

Q = load_queries(__file__)

COMPLETED_AT_ONCE: Final = 50


def to_complete(tx: Transaction) -> list[Row]:
    """Erasures that kept something of which not all is held any more: id and account."""
    return tx.all(Q.to_complete, limit=COMPLETED_AT_ONCE)


def follow_up(tx: Transaction, erasure_id: UUID) -> bool:
    """What this erasure kept is another one's business now; False where it was already."""
    return bool(tx.run(Q.follow_up, id=erasure_id))


def hold_on(tx: Transaction, erasure_id: UUID, held: Sequence[HeldPart]) -> None:
    """All that an erasure kept is still held, by these."""
    tx.run(Q.hold_on, id=erasure_id, held_by=sorted({part.by for part in held}))
