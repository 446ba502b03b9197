"""When companies were asked, and what they said, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.account.accuracy.rules import intervals
from shared.calendar import oslo_date
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def ask(tx: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """Companies that are asked from now on: id, version, and whether an address is missing."""
    today = oslo_date(now)
    return tx.all(Q.ask, now=now, today=today, **asdict(intervals(today)), limit=limit)


def unasked(tx: Transaction, today: date) -> Row | None:
    """How many should have been asked by that day."""
    return tx.one(Q.unasked, today=today, **asdict(intervals(today)))


def confirm(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """An owner says that all is right; it is one more version of the company."""
    tx.run(Q.confirm, id=account_id, now=now)
