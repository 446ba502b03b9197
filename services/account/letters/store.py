"""Who gets letters, as rows."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.database.pool import Row

Q: Final = load_queries(__file__)


def recipients(tx: Transaction, account_id: UUID) -> list[Row]:
    """Who may get letters about the company."""
    return tx.all(Q.recipients, account_id=account_id)
