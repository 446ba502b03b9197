"""Of whom copies were ordered, as each service keeps it in its own database for as long as one is being made."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.participation.export_values import ORDER_KEPT, ExportKind, ExportScope
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "export_orders.sql")
FORGET: Final = Q.forget
"""Run by the housekeeping of every service, with `before` and `limit`."""


def keep(tx: Transaction, export_id: UUID, scope: ExportScope, ordered_at: datetime) -> None:
    """A copy was ordered of this person or company."""
    values = asdict(scope) | {"kind": scope.kind.value}
    tx.run(Q.keep, export_id=export_id, **values, ordered_at=ordered_at)


def find(tx: Transaction, export_id: UUID, now: datetime) -> ExportScope | None:
    """Of whom it was ordered; None where it was not, or may be fetched no longer."""
    row = tx.one(Q.find, export_id=export_id, since=now - ORDER_KEPT)
    if row is None:
        return None
    return ExportScope(**row | {"kind": ExportKind(row["kind"])})


def erase(tx: Transaction, account_id: UUID, user_id: UUID | None, before: datetime) -> int:
    """Nothing is fetched any more of who was erased, nor for a company's copy that was ordered before then."""
    return tx.run(Q.erase, account_id=account_id, user_id=user_id, before=before)


class OrdersReplay:
    """Forgets again what was ordered of who was erased."""

    facts = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Nothing is handed out any more of whom the fact is about."""
        erase(tx, entry.account_id, entry.user_id, entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing is left that was ordered of them."""
        row = tx.one(Q.left_of, account_id=entry.account_id, user_id=entry.user_id, before=entry.at)
        return row is None
