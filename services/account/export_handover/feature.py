"""Hands copies over to a person that could not be made in time: none of them is gone without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.account.exports import store
from services.account.exports.events import ExportOverdue
from shared import log
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database
from shared.events import Code
from shared.identifiers import derived_id

AT_ONCE: Final = 100

logger = log.get("account.exports")


@dataclass(eq=False)
class ExportHandover(Feature):
    """A copy that does not become ready is a request that a person answers, with the clock of the law from its day.

    It is told again under the same id where a restore has lost that it was.
    """

    database: Database
    clock: Clock

    @every(seconds=60)
    def hand_over_exports(self) -> None:
        """Tell of each copy that is not there though it should be."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for export in store.hand_over(tx, now, AT_ONCE):
                event = ExportOverdue(
                    account_id=export.account_id,
                    export_id=export.id,
                    user_id=export.asked_by,
                    kind=Code(export.kind),
                    asked_at=export.wished_at,
                    wish_id=export.wish_id,
                )
                tx.outbox.add(event, now=now, event_id=derived_id(ExportOverdue.type, "export", export.id))
                logger.warning("export_handed_over", export_id=export.id)
