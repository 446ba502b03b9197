"""What is held for disputes, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries
from shared.privacy import restricted

Q: Final = load_queries(__file__)
SHOWN_MOST: Final = 100
"""More than ten holds of one customer there are not, and a dispute is with one."""


def called(tx: Transaction, reference: str, account_id: UUID) -> UUID | None:
    """The case with this customer that people call by this reference."""
    row = tx.one(Q.called, reference=reference, account_id=account_id)
    return row["id"] if row else None


def note(tx: Transaction, hold_id: UUID, case_id: UUID, review_on: date, as_of: datetime) -> None:
    """Something is held for a case, unless it is heard of after its end."""
    if not restricted.is_over(tx, hold_id):
        tx.run(Q.note, hold_id=hold_id, case_id=case_id, review_on=review_on, as_of=as_of)


def forget(tx: Transaction, hold_id: UUID) -> None:
    """It is held no more."""
    tx.run(Q.forget, hold_id=hold_id)


def of_case(tx: Transaction, case_id: UUID) -> list[Row]:
    """What is held for a case: `hold_id`, and on which day it is looked at again, `review_on`."""
    return tx.all(Q.of_case, case_id=case_id, limit=SHOWN_MOST)


def is_noted(tx: Transaction, hold_id: UUID) -> bool:
    """Whether this is held for a case."""
    return tx.one(Q.is_noted, hold_id=hold_id) is not None


def held_after_end(tx: Transaction) -> Row | None:
    """How much is held for disputes that have ended, and since when."""
    return tx.one(Q.held_after_end)
