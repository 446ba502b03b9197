"""Letters as they are looked up afterwards, and rows whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)

BATCH: Final = 500
HISTORY_KEPT: Final = timedelta(days=180)
TOKENS_KEPT: Final = timedelta(days=3)


class HistoryStore:
    """Reads and prunes what is settled."""

    def newest(self, tx: Transaction, account_id: UUID, user_id: UUID | None, page: Paged) -> list[Row]:
        """Letters of a company, or of them those to one user: a page, and one more where another follows."""
        return tx.all(Q.letters_of_account, account_id=account_id, user_id=user_id, **bounds(page))

    def by_id(self, tx: Transaction, letter_id: UUID) -> Row | None:
        """One letter."""
        return tx.one(Q.letter_by_id, id=letter_id)

    def breach_outcomes(self, tx: Transaction, recipient_ids: Sequence[UUID]) -> list[Row]:
        """What has become of telling these recipients of notices, of each that is known."""
        return tx.all(Q.breach_outcomes, recipient_ids=list(recipient_ids))

    def prune(self, tx: Transaction, now: datetime) -> int:
        """Delete a batch of each kind whose time is over; returns how many rows went."""
        old = {"before": now - HISTORY_KEPT, "limit": BATCH}
        return (
            tx.run(Q.prune_webhooks, before=now - TOKENS_KEPT, limit=BATCH)
            + tx.run(Q.prune_farewells, now=now, limit=BATCH)
            + sum(
                tx.run(query, **old)
                for query in (
                    Q.prune_letters,
                    Q.prune_mailings,
                    Q.prune_tasks,
                    Q.prune_suppressions,
                    Q.prune_cancelled_clocks,
                    Q.prune_alarms,
                )
            )
        )
