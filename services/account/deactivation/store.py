"""Making an account inactive, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.tickets.links import Change
from services.account.tickets.store import end_links_of_account
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def deactivate_account(
    tx: Transaction, account_id: UUID, *, by: str, reason: str | None = None, now: datetime
) -> None:
    """Set inactive, which ends every session and every link that is on its way."""
    tx.run(Q.deactivate_account, id=account_id, by=by, reason=reason, now=now)
    end_links_of_account(tx, account_id, Change.ACCOUNT_INACTIVE, now=now)
