"""Clocks that have a reminder to be sent, and returns, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from services.retention.erasure.store import Stored, stored_rows
from services.retention.erasure.values import Scope
from shared.database import Transaction, load_queries

Q = load_queries(__file__)

REMINDER_BATCH: Final = 500
RETURNS_AT_ONCE: Final = 10_000


def to_remind(tx: Transaction, today: date) -> list[Stored]:
    """Clocks with a reminder to be sent, held; those that another replica holds are left out."""
    return stored_rows(tx, tx.all(Q.to_remind, today=today, limit=REMINDER_BATCH))


def purge_returns(tx: Transaction, before: datetime) -> int:
    """Forget returns of before then, in a batch; how many."""
    return tx.run(Q.purge_returns, before=before, limit=RETURNS_AT_ONCE)


def without_clock(tx: Transaction, scopes: Sequence[Scope]) -> set[Scope]:
    """Those that no erasure is about that was not called off, of their own or of their account."""
    account_ids, user_ids = [each.account_id for each in scopes], [each.user_id for each in scopes]
    return {Scope(**row) for row in tx.all(Q.without_clock, account_ids=account_ids, user_ids=user_ids)}
