"""Addresses that get no letters, as staff see them."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notification.suppressions.calls import (
    LiftSuppression,
    Suppressions,
    SuppressionShown,
    SuppressionsShown,
)
from services.notification.suppressions.events import SuppressionLifted
from services.notification.suppressions.store import SuppressionStore
from shared.bus import Feature, answers
from shared.bus.statement_check import check_reaches
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound
from shared.keyset import Place, cut


@dataclass(kw_only=True, eq=False)
class SuppressionDesk(Feature):
    """Shows suppressions, and lets a person lift one."""

    database: Database
    clock: Clock
    store: SuppressionStore = field(default_factory=SuppressionStore)

    @answers(Suppressions)
    def suppressions(self, call: Suppressions) -> SuppressionsShown:
        """Addresses that get no letters now, and until when."""
        with self.database.transaction() as tx:
            found = self.store.in_force(tx, call, self.clock.now())
        rows, following = cut(found, call.limit, lambda row: Place(row["since"], row["suppression_id"]))
        return SuppressionsShown(suppressions=tuple(SuppressionShown(**row) for row in rows), next_after=following)

    @answers(LiftSuppression)
    def lift_suppression(self, call: LiftSuppression, tx: Transaction) -> SuppressionShown:
        """End a suppression after a bounce: letters go out again."""
        now = self.clock.now()
        row = self.store.by_id(tx, call.suppression_id)
        if row is None:
            raise NotFound
        check_reaches(row["account_id"])
        if row["ends_at"] is None:
            raise Conflict("whoever complained about our letters gets none until they ask for one")
        self.store.lift(tx, call.suppression_id, str(call.actor), now)
        lifted = SuppressionLifted(**{name: row[name] for name in ("suppression_id", "account_id", "user_id")})
        with acting_as(str(call.actor)):
            tx.outbox.add(lifted, now=now)
        return SuppressionShown(**row | {"ends_at": now})
