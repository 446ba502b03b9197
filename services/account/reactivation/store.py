"""Making an account active again, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.tickets.links import Change
from services.account.tickets.store import end_links_of_account
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def reactivate_account(tx: Transaction, account_id: UUID, *, now: datetime) -> None:
    """Set active again; what led back is of no use any more."""
    tx.run(Q.reactivate_account, id=account_id, now=now)
    end_links_of_account(tx, account_id, Change.ACCOUNT_BACK, now=now)
