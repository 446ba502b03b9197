"""Ordering a copy: it is kept with a part for each contributor, and all of them hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.account.exports import store
from services.account.exports.values import Export
from shared.database import Transaction
from shared.events import Code
from shared.participation.events import ExportOrdered


def order(tx: Transaction, export: Export, contributors: Sequence[str], now: datetime) -> None:
    """Have this copy made."""
    store.add(tx, export, contributors)
    tell_contributors(tx, export, now)


def tell_contributors(tx: Transaction, export: Export, now: datetime) -> None:
    """Say of whom the copy is; told again, whoever knows it already keeps what it knows."""
    event = ExportOrdered(
        account_id=export.account_id,
        export_id=export.id,
        user_id=export.user_id,
        kind=Code(export.kind),
        with_company=export.with_company or None,
    )
    tx.outbox.add(event, now=now)
