"""What earlier erasures kept because it was held is erased at last, once it is not held any more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.retention.completion import rules, store
from services.retention.erasure import store as erasures
from services.retention.erasure.values import State
from services.retention.suspended_erasures import store as suspensions
from shared import log
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.identifiers import new_id

logger = log.get("retention.completion")


@dataclass(kw_only=True, eq=False)
class Completion(Feature):
    """Plans the erasure of what earlier ones kept."""

    database: Database
    clock: Clock

    @every(seconds=1)
    def complete(self) -> None:
        """Plan the erasure of what earlier ones kept, once it is not held any more."""
        with self.database.transaction() as tx:
            rows = store.to_complete(tx)
        for row in rows:
            with self.database.transaction() as tx:
                suspensions.lock_account(tx, row["account_id"])
                self._complete_one(tx, row["id"])

    def _complete_one(self, tx: Transaction, erasure_id: UUID) -> None:
        stored = erasures.get(tx, erasure_id, locked=True)
        if stored is None or stored.erasure.state is not State.CERTIFIED:
            return
        parts = suspensions.parts(tx, stored.erasure.scope)
        second = rules.completes(stored.erasure, parts, new_id=new_id(), now=self.clock.now())
        if second is None:
            store.hold_on(tx, erasure_id, parts)
        elif store.follow_up(tx, erasure_id):
            erasures.add(tx, second)
            logger.info("what was held is erased now", erasure_id=second.id)
