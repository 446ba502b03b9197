"""What has come in, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def open_case(tx: Transaction, key: str) -> UUID | None:
    """The open case that takes in alarms of this key."""
    row = tx.one(Q.open_case, key=key)
    return row["id"] if row else None
