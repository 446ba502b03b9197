"""Holds as rows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.retention.holds import calls, rules
from services.retention.holds.values import Hold
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.keyset import bounds
from shared.privacy import restricted

Q = load_queries(__file__)

BATCH: Final = 200


def save(tx: Transaction, hold: Hold) -> None:
    """A hold as it is after a decision, and whether its scope may only be stored."""
    tx.run(Q.save, **(asdict(hold) | {"user_ids": list(hold.user_ids), "categories": list(hold.categories)}))
    if hold.released_at is not None:
        restricted.lift(tx, hold.id, hold.released_at)
        return
    restricted.hold(tx, hold.id, hold, hold.placed_at)


def get(tx: Transaction, hold_id: UUID, *, locked: bool = False) -> Hold:
    """One hold, `locked` until the end of the transaction. Raises `NotFound`."""
    hold = find(tx, hold_id, locked=locked)
    if hold is None:
        raise NotFound("There is no hold with this id.")
    return hold


def find(tx: Transaction, hold_id: UUID, *, locked: bool = False) -> Hold | None:
    """One hold, or None."""
    row = tx.one(Q.get_locked if locked else Q.get, id=hold_id)
    return Hold.of_row(row) if row else None


def listed(tx: Transaction, call: calls.Holds, today: date) -> list[Hold]:
    """Holds that are `active`, `overdue` or `released`, by review date: a page and one more where one follows."""
    rows = tx.all(Q.listed, account_id=call.account_id, state=call.state, today=today, **bounds(call))
    return [Hold.of_row(row) for row in rows]


def overdue(tx: Transaction, today: date) -> list[Hold]:
    """Holds whose overdue review is to be told today, held until the end; a batch."""
    rows = tx.all(
        Q.overdue,
        today=today,
        told_before=today - rules.OVERDUE_AGAIN,
        told_limit=rules.OVERDUE_TOLD_LIMIT,
        limit=BATCH,
    )
    return [Hold.of_row(row) for row in rows]


def reviews_waiting(tx: Transaction, today: date) -> tuple[int, date] | None:
    """How many holds have had their review date without a decision, and the earliest of these dates."""
    row = tx.one(Q.reviews_waiting, today=today)
    return (row["count"], row["since"]) if row and row["count"] else None


def erased_while_held(tx: Transaction) -> Row | None:
    """How many erasures were begun of what is held."""
    return tx.one(Q.erased_while_held)


def purge(tx: Transaction, now: datetime) -> int:
    """Forget holds that were released long ago, in a batch; how many."""
    return tx.run(Q.purge, before=now - restricted.ENDS_KEPT, limit=BATCH)
