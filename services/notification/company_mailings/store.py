"""Mailings that wait to become single letters."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.notification.letter_lifecycle.rules import DUE, LEASE, LEASED
from services.notification.letter_lifecycle.store import to_mailing
from services.notification.letter_lifecycle.values import Mailing
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


class MailingStore:
    """Leases mailings to a worker, and takes in what the worker made of them."""

    def claim(self, tx: Transaction, now: datetime) -> Mailing | None:
        """The next mailing to be split up, leased."""
        row = tx.one(Q.claim_mailing, claim_id=new_id(), lease_until=now + LEASE, now=now, due=DUE, lease=LEASED)
        return to_mailing(row) if row else None

    def drop(self, tx: Transaction, mailing: Mailing) -> bool:
        """Delete a leased mailing; False where another worker has it by now."""
        return tx.run(Q.drop_mailing, id=mailing.id, claim_id=mailing.claim_id) == 1

    def settle(
        self, tx: Transaction, mailing: Mailing, state: str, *, due_at: datetime | None, now: datetime
    ) -> bool:
        """Give a leased mailing its next state; False where another worker has it by now."""
        settled_at = None if state in ("pending", "expanded") else now
        return bool(
            tx.run(
                Q.settle_mailing,
                id=mailing.id,
                claim_id=mailing.claim_id,
                state=state,
                due_at=due_at,
                settled_at=settled_at,
            )
        )

    def tries(self, tx: Transaction, mailing: Mailing) -> list[Row]:
        """Whom letters of a mailing went to (`user_id`), with `state` and `reason`, the last one last."""
        return tx.all(Q.tries, id=mailing.id)
