"""Letters that Mailgun is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.notification.letter_lifecycle.rules import DUE, LEASE, LEASED, WAITS
from services.notification.letter_lifecycle.store import to_letter
from services.notification.letter_lifecycle.values import Letter
from shared.database import Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


class ReconciliationStore:
    """Finds letters whose worker was lost, whose fate is not known, or of which nothing more was heard."""

    def bring_forward(self, tx: Transaction, now: datetime) -> int:
        """Give letters whose place in the line is further back than any can be a place as of now; how many."""
        return tx.run(Q.bring_forward, now=now, fair=WAITS["letter.fair_at"])

    def lost(self, tx: Transaction, now: datetime, limit: int) -> list[Letter]:
        """Letters whose worker has not come back, held until the transaction ends."""
        return [to_letter(row) for row in tx.all(Q.lost_letters, now=now, limit=limit, lease=LEASED)]

    def claim_unknown(self, tx: Transaction, now: datetime) -> Letter | None:
        """A letter whose fate is to be asked for now, leased."""
        row = tx.one(Q.claim_unknown, claim_id=new_id(), lease_until=now + LEASE, now=now, due=DUE)
        return to_letter(row) if row else None

    def claim_unheard_of(self, tx: Transaction, now: datetime) -> Letter | None:
        """A letter of which nothing was heard since it left, leased."""
        row = tx.one(
            Q.claim_unheard_of,
            claim_id=new_id(),
            lease_until=now + LEASE,
            now=now,
            reconcile=WAITS["letter.reconcile_at"],
        )
        return to_letter(row) if row else None
