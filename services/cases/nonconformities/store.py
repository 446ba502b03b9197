"""What customers have reported, from the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
RECIPIENTS_MOST: Final = 500
SHOWN_MOST: Final = 100


def recipients(tx: Transaction, case_id: UUID) -> list[Row]:
    """Whom a case is about: each company, with whoever of it reported."""
    return tx.all(Q.recipients, case_id=case_id, limit=RECIPIENTS_MOST)


def all_published(tx: Transaction, event_ids: Sequence[UUID]) -> bool:
    """Whether the broker has confirmed all of these events."""
    return tx.one(Q.unpublished, event_ids=list(event_ids)) is None


def of_customer(tx: Transaction, account_id: UUID, user_id: UUID | None) -> list[Row]:
    """The reports of a company, or of one person of it, the newest first."""
    return tx.all(Q.of_customer, account_id=account_id, user_id=user_id, limit=SHOWN_MOST)
