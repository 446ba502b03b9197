"""Erasures that no backup can bring back any more, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries

Q = load_queries(__file__)

PURGED_AT_ONCE: Final = 500
SCOPES_LOOKED_AT: Final = 10_000


def erased_scopes(tx: Transaction) -> list[tuple[UUID, UUID | None]]:
    """Account and user of erasures that kept nothing back, the newest first."""
    return [(row["account_id"], row["user_id"]) for row in tx.all(Q.erased_scopes, limit=SCOPES_LOOKED_AT)]


def purge_erased(tx: Transaction, before: datetime) -> int:
    """Forget a batch of erasures carried out before then, with all that names their accounts; how many.

    One that kept something stays until that is erased too.
    """
    rows = tx.all(Q.expired, before=before, limit=PURGED_AT_ONCE)
    if rows:
        ids, accounts, users = ([row[name] for row in rows] for name in ("id", "account_id", "user_id"))
        tx.run(Q.purge_answers, ids=ids)
        tx.run(Q.purge_erasures, ids=ids, account_ids=accounts, user_ids=users)
        tx.run(Q.purge_returns, account_ids=accounts, user_ids=users)
    return len(rows)
