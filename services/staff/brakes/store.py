"""Failed attempts in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.staff.brakes import rules
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)

NOBODY: Final = "nobody"
"""What failures count for that name nobody."""


def closed_until(tx: Transaction, about: str, now: datetime) -> datetime | None:
    """Until when the brake is on; whoever else asks about the same waits for this transaction."""
    return rules.closed_until(_locked(tx, about, now), now)


def count_failure(tx: Transaction, about: str, now: datetime) -> datetime | None:
    """One more has failed. Where the brake was on already nothing is counted, and this is until when it is."""
    failures = _locked(tx, about, now)
    until = rules.closed_until(failures, now)
    if until is None:
        tx.run(Q.set_brake, about=about, failed_at=rules.recent_failures([*failures, now], now), now=now)
    return until


def release(tx: Transaction, about: str) -> None:
    """Whoever failed has proved who they are."""
    tx.run(Q.release_brake, about=about)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Forget a batch of failures that nobody counts any more; how many brakes."""
    return tx.run(Q.expire_brakes, before=now - rules.KEPT, limit=limit)


def _locked(tx: Transaction, about: str, now: datetime) -> list[datetime]:
    tx.run(Q.make_brake, about=about, now=now)
    row = tx.one(Q.lock_brake, about=about)
    return list(row["failed_at"]) if row else []
