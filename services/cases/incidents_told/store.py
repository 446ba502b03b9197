"""What one customer was told of breaches, from the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def told(tx: Transaction, account_id: UUID, user_id: UUID, *, is_owner: bool, limit: int) -> list[Row]:
    """The notices that have left to this person, and to the company where an owner asks; the newest first."""
    return tx.all(Q.told, account_id=account_id, user_id=user_id, is_owner=is_owner, limit=limit)


def instants(tx: Transaction, case_ids: Sequence[UUID]) -> list[Row]:
    """What was entered in these cases, in the order of it."""
    return tx.all(Q.instants, case_ids=list(case_ids))


def persons(tx: Transaction, account_id: UUID, list_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many users of a company are on each of these lists."""
    rows = tx.all(Q.persons, account_id=account_id, list_ids=list(list_ids))
    return {row["list_id"]: int(row["persons"]) for row in rows}
