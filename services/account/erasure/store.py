"""Whether the way back is closed, and who is known. Each function works in a transaction it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def begin_erasure(
    tx: Transaction, erasure_id: UUID, account_id: UUID, user_id: UUID | None, *, now: datetime
) -> None:
    """Close the way back; the account's row must be locked."""
    tx.run(Q.begin_erasure, erasure_id=erasure_id, account_id=account_id, user_id=user_id, now=now)


def withdraw_erasure(tx: Transaction, erasure_id: UUID) -> None:
    """Open the way back again."""
    tx.run(Q.withdraw_erasure, erasure_id=erasure_id)


def erasure_has_begun(tx: Transaction, account_id: UUID, user_id: UUID | None = None) -> bool:
    """Whether the way back is closed for the account, or for this user of it."""
    row = tx.one(Q.erasure_has_begun, account_id=account_id, user_id=user_id)
    return bool(row and row["begun"])


def unknown(tx: Transaction, subjects: Sequence[tuple[UUID, UUID | None]]) -> list[Row]:
    """Those without a row, of these companies and users; a user has one with its own company alone."""
    return tx.all(Q.unknown, account_ids=[each for each, _ in subjects], user_ids=[each for _, each in subjects])


def inactive(tx: Transaction, before: datetime, *, after: UUID | None, limit: int) -> list[Row]:
    """Companies and users inactive since before then, by their own id from `after` on."""
    return tx.all(Q.inactive, before=before, after=after, limit=limit)
