"""Letters to whoever made a request, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.rights_requests import rules
from services.cases.rights_requests.values import Asker
from shared.daily_limits import DAY
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
SHOWN_MOST: Final = 100


def opened_for(tx: Transaction, case_id: UUID) -> Row | None:
    """Whom the case was opened for: a user with the company, or a company alone. None where it names none."""
    return tx.one(Q.opened_for, case_id=case_id)


def own(tx: Transaction, asker: Asker, case_id: UUID | None = None) -> list[Row]:
    """The requests of one person, the newest first, or one of them."""
    return tx.all(Q.own, **asdict(asker), case_id=case_id, limit=SHOWN_MOST)


def forwarded(tx: Transaction, account_id: UUID) -> list[Row]:
    """What was passed on to a customer, the newest first."""
    return tx.all(Q.forwarded, account_id=account_id, limit=SHOWN_MOST)


def open_of(tx: Transaction, asker: Asker, kind: str, right: str) -> UUID | None:
    """The open case in which a person has asked for the same."""
    row = tx.one(Q.open_of, **asdict(asker), kind=kind, right=right)
    return row["id"] if row else None


def open_without_copy(tx: Transaction, asker: Asker, kind: str, right: str) -> UUID | None:
    """The same, where no copy of theirs has become a part of it."""
    row = tx.one(Q.open_without_copy, **asdict(asker), kind=kind, right=right)
    return row["id"] if row else None


def earlier(tx: Transaction, asker: Asker, *, now: datetime) -> list[datetime]:
    """When a person made requests by themselves within a day, as many as count."""
    span = {"since": now - DAY, "until": now}
    rows = tx.all(Q.earlier, **asdict(asker), **span, limit=rules.daily_limit(now))
    return [row["opened_at"] for row in rows]


def add(tx: Transaction, letter_id: UUID, letter: str, *, of: tuple[UUID, UUID | None], now: datetime) -> None:
    """A letter is ordered, `of` a case and a decision about it; ordered again it is the same one."""
    case_id, decision_id = of
    tx.run(Q.add, id=letter_id, case_id=case_id, decision_id=decision_id, letter=letter, now=now)


def get(tx: Transaction, letter_id: UUID) -> Row | None:
    """A letter: its case and decision, which one it is, and since when it has left."""
    return tx.one(Q.get, id=letter_id)


def mailed(tx: Transaction, letter_id: UUID, now: datetime) -> None:
    """It is ordered as an e-mail."""
    tx.run(Q.mailed, id=letter_id, now=now)


def was_mailed(tx: Transaction, case_id: UUID) -> bool:
    """Whether the case has named somebody whom e-mail reached."""
    return tx.one(Q.was_mailed, case_id=case_id) is not None


def sent(tx: Transaction, letter_id: UUID, at: datetime, posted_by: str | None = None) -> bool:
    """It has left; whether that was not known before. `posted_by` is who posted it."""
    return tx.run(Q.sent, id=letter_id, at=at, posted_by=posted_by) == 1
