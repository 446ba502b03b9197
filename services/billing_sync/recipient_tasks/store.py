"""Corrections that recipients are told. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.billing_sync.recipient_tasks.rules import TRIPLETEX
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
SHOWN_MOST: Final = 20


def begin(
    tx: Transaction, task_id: UUID, fields: Sequence[str], *, account_id: UUID, user_id: UUID | None, now: datetime
) -> None:
    """Tripletex is to be told of these fields; told twice under one id it is one task. Nothing without a field."""
    if fields:
        of = {"account_id": account_id, "user_id": user_id, "recipient": TRIPLETEX}
        tx.run(Q.open, id=task_id, **of, fields=list(fields), now=now)


def close(tx: Transaction, account_id: UUID, *, before: datetime, spared: Collection[UUID], now: datetime) -> None:
    """What was to be told before the copy was made has arrived; of who is `spared` nothing was copied."""
    tx.run(Q.close, account_id=account_id, recipient=TRIPLETEX, before=before, spared=sorted(spared), now=now)


def of_account(tx: Transaction, account_id: UUID) -> list[Row]:
    """The newest of one account."""
    return tx.all(Q.of_account, account_id=account_id, limit=SHOWN_MOST)


def erase(tx: Transaction, account_id: UUID, user_id: UUID | None, held: Collection[UUID]) -> None:
    """Forget those of the account, or of one user, but for whom is `held`."""
    tx.run(Q.erase, account_id=account_id, user_id=user_id, held=sorted(held))


def is_left(tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
    """Whether one is left of the account, or of one user, that is not held."""
    return tx.one(Q.is_left, account_id=account_id, user_id=user_id) is not None


def expire(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget what was closed before then; how many."""
    return tx.run(Q.expire, before=before, limit=limit)
