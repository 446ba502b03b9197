"""The proof of an address by a letter, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts.store import found, unique_addresses
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def confirm_user(tx: Transaction, user_id: UUID, *, now: datetime) -> int:
    """The address is confirmed and is the log-in name; the new version. Raises `AddressTaken`."""
    with unique_addresses():
        return int(found(tx.one(Q.confirm_user, id=user_id, now=now))["version"])
