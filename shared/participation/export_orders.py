"""Of whom copies were ordered, as each service keeps it in its own database for as long as one is being made."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.participation.export_values import ORDER_KEPT, ExportKind, ExportScope

Q: Final = load_queries(__file__, "export_orders.sql")
FORGET: Final = Q.forget
"""Run by the housekeeping of every service, with `before` and `limit`."""


def keep(tx: Transaction, export_id: UUID, scope: ExportScope, ordered_at: datetime) -> None:
    """A copy was ordered of this person or company."""
    values = {"account_id": scope.account_id, "user_id": scope.user_id, "kind": scope.kind.value}
    tx.run(Q.keep, export_id=export_id, **values, ordered_at=ordered_at)


def find(tx: Transaction, export_id: UUID, now: datetime) -> ExportScope | None:
    """Of whom it was ordered; None where it was not, or may be fetched no longer."""
    row = tx.one(Q.find, export_id=export_id, since=now - ORDER_KEPT)
    if row is None:
        return None
    return ExportScope(account_id=row["account_id"], user_id=row["user_id"], kind=ExportKind(row["kind"]))


def erase(tx: Transaction, account_id: UUID, user_id: UUID | None) -> int:
    """Nothing is fetched any more of who was erased."""
    return tx.run(Q.erase, account_id=account_id, user_id=user_id)
