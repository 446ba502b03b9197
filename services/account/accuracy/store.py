"""When companies were asked, and what they said, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accuracy.rules import intervals
from shared.calendar import oslo_date
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def ask(tx: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """Companies that are asked from now on: id, version, and whether an address is missing."""
    return tx.all(Q.ask, by=now, now=now, **asdict(intervals(oslo_date(now))), limit=limit)


def unasked(tx: Transaction, *, by: datetime, now: datetime) -> Row | None:
    """How many should have been asked by then."""
    return tx.one(Q.unasked, by=by, now=now, **asdict(intervals(oslo_date(by))))


def confirm(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """An owner says that all is right; it is one more version of the company."""
    tx.run(Q.confirm, id=account_id, now=now)
