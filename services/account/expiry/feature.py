"""What is kept for a time only, and deleted when that is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.bus import Feature, every
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.terms.clauses.erasure import ERASE_WHEN_NOT_NEEDED

BATCH: Final = 500
BATCHES_A_TURN: Final = 20

Expire = Callable[[Transaction, datetime, int], int]
"""Deletes what is over by now, so many rows of each kind; how many rows it were."""


@dataclass(eq=False)
class Expiry(Feature):
    """Deletes sessions, attempts, tickets and the like whose time is over.

    `kinds` are asked in this order.
    """

    database: Database
    clock: Clock
    kinds: Sequence[Expire]

    @probe(
        ERASE_WHEN_NOT_NEEDED,
        nb="økter, forsøk, lenker og lignende som skulle vært slettet",
        en="sessions, attempts, links and the like that should have been deleted",
        seconds=HOURLY,
    )
    def rows_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every minute."""
        with tx.undone():
            return sum(expire(tx, now - timedelta(days=1), BATCH) for expire in self.kinds)

    @every(seconds=60, irreversible=True)
    def purge_expired(self) -> None:
        """Delete in batches until nothing is left, or for as long as a turn lasts."""
        now = self.clock.now()
        for _ in range(BATCHES_A_TURN):
            with self.database.transaction() as tx:
                if not sum(expire(tx, now, BATCH) for expire in self.kinds):
                    return
