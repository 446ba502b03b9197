"""Who is on duty, in the database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.cases.duty.values import OnDutyPair
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
WEEKS_SHOWN: Final = 30


def set_week(tx: Transaction, week_on: date, pair: OnDutyPair, *, by: str, now: datetime) -> None:
    """Say who is on duty in a week."""
    tx.run(Q.set, week_on=week_on, person=pair.person, deputy=pair.deputy, set_by=by, now=now)


def of_week(tx: Transaction, week_on: date) -> OnDutyPair | None:
    """Who is on duty in a week."""
    row = tx.one(Q.of_week, week_on=week_on)
    return OnDutyPair(**row) if row else None


def from_week(tx: Transaction, week_on: date) -> list[Row]:
    """Who is on duty from a week on."""
    return tx.all(Q.from_week, week_on=week_on, limit=WEEKS_SHOWN)


def forget(tx: Transaction, before: date) -> int:
    """Forget weeks that began before then; how many."""
    return tx.run(Q.forget, before=before)
