"""Reports of customers, as rows. Each works in a transaction it is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.account.nonconformities import rules
from shared.calendar import oslo_date
from shared.daily_limits import DAY
from shared.database import Row, Transaction, load_queries
from shared.wait_bounds import AHEAD

Q: Final = load_queries(__file__)


def add(tx: Transaction, row: dict[str, Any], *, now: datetime) -> None:
    """Keep a report."""
    tx.run(Q.add, **row, now=now, expires_on=rules.expires_on(now))


def get(tx: Transaction, report_id: UUID) -> Row | None:
    """What a report is about, and when it came."""
    return tx.one(Q.get, id=report_id)


def earlier(tx: Transaction, user_id: UUID, *, now: datetime) -> list[datetime]:
    """When this user reported within a day, as many as count."""
    span = {"since": now - DAY, "until": now + AHEAD}
    rows = tx.all(Q.earlier, user_id=user_id, **span, limit=rules.daily_limit(now))
    return [row["received_at"] for row in rows]


def of_account(tx: Transaction, account_id: UUID, user_id: UUID | None, report_id: UUID | None) -> list[Row]:
    """The reports of a company, or of one of its users: the newest of each user, then the one before of each.

    So whoever writes many keeps none of the others' from being read. With `report_id` it is that one alone. One
    more than is shown says that there are more.
    """
    limit = rules.SHOWN_MOST + 1
    return tx.all(Q.of_account, account_id=account_id, user_id=user_id, report_id=report_id, limit=limit)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Forget reports whose time is over; how many rows."""
    return tx.run(Q.expire, today=oslo_date(now), limit=limit)
