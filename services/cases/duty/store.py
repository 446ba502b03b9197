"""Who is on duty, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.cases.duty.values import OnDutyPair
from services.registers.duty.calls import DutyWeek
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


def note_change(tx: Transaction, record_id: UUID, *, now: datetime) -> None:
    """The rota is to be copied again."""
    tx.run(Q.note_change, record_id=record_id, now=now)


def is_changed(tx: Transaction) -> bool:
    """Whether it is."""
    return tx.one(Q.changed) is not None


def copy(tx: Transaction, week_on: date, weeks: Sequence[DutyWeek], *, asked_at: datetime) -> None:
    """From this week on the rota is as the register had it; what was heard until it was asked is done.

    Weeks from before the register was there stay until it has them: after an upgrade it is empty.
    """
    tx.run(Q.clear, week_on=week_on, weeks=[each.week_on for each in weeks])
    tx.many(Q.set, [{**each.given(), "now": asked_at} for each in weeks])
    tx.run(Q.copied, until=asked_at)


def of_week(tx: Transaction, week_on: date) -> OnDutyPair | None:
    """Who is on duty in a week."""
    row = tx.one(Q.of_week, week_on=week_on)
    return OnDutyPair(**row) if row else None


def forget(tx: Transaction, before: date) -> int:
    """Forget weeks that began before then; how many."""
    return tx.run(Q.forget, before=before)
