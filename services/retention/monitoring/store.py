"""Erasures by state, by what they wait for, and by how late they are, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from services.retention.erasure.store import Stored, stored_rows
from services.retention.erasure.values import FINISHED, State
from services.retention.monitoring import calls
from shared.database import Row, Transaction, load_queries
from shared.keyset import bounds

Q = load_queries(__file__)

UNFINISHED_LIMIT: Final = 10_000


def in_state(tx: Transaction, call: calls.Erasures) -> list[Stored]:
    """Erasures in a state, oldest first: a page and one more where another follows."""
    return stored_rows(tx, tx.all(Q.in_state, state=call.state, **bounds(call)))


def kept(tx: Transaction, account_ids: Sequence[UUID]) -> list[Row]:
    """How many holds and restrictions are in force on each of these accounts, in that order."""
    return tx.all(Q.kept, ids=list(account_ids))


def halted(tx: Transaction) -> Row | None:
    """How many wait for a person's release, and since when."""
    return tx.one(Q.halted)


def unfinished(tx: Transaction, today: date) -> list[Stored]:
    """Erasures whose day has come, without a certificate and not held as a whole, the earliest first."""
    return stored_rows(tx, tx.all(Q.unfinished, today=today, limit=UNFINISHED_LIMIT))


def by_state(tx: Transaction) -> dict[str, int]:
    """How many erasures are not over, by state."""
    counted = {row["state"]: int(row["count"]) for row in tx.all(Q.by_state)}
    return {state.value: counted.get(state.value, 0) for state in State if state not in FINISHED}


def suspended_among(tx: Transaction, erasure_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these erasures that cannot go on because all of their scope is held or restricted."""
    return {row["id"] for row in tx.all(Q.suspended_among, ids=list(erasure_ids))}
