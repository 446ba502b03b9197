"""Tells what should have been reviewed and what waits for an approval, and forgets what ended long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.registers.engine import rules, store
from services.registers.kinds.table import PRESENT
from shared.bus import Feature, every
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database, Transaction

BATCH: Final = 500
BATCHES: Final = 20


@dataclass(kw_only=True, eq=False)
class Reviews(Feature):
    """Looks at all registers; no record ends or is lengthened by that."""

    database: Database
    clock: Clock

    @alarm("register_reviews_overdue", says="records that should have been reviewed", act="vilkar register list")
    def reviews_overdue(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Since the first of the days on which one should have been."""
        return Waiting.of(store.overdue(tx, oslo_date(now)))

    @alarm("register_approvals_waiting", says="records that wait for two persons", act="vilkar register list")
    def approvals_waiting(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """What was submitted counts for nobody until it is approved."""
        return Waiting.of(store.waiting(tx))

    @every(seconds=3600, irreversible=True)
    def forget_records(self) -> None:
        """Forget what ended as long ago as its kind says, in batches."""
        now = self.clock.now()
        for kind in PRESENT.values():
            for _ in range(BATCHES):
                with self.database.transaction() as tx:
                    if store.forget(tx, kind.code, rules.forgotten_before(kind, now), limit=BATCH) < BATCH:
                        break
