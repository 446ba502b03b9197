"""Forgetting whom an erasure concerns, and remembering whose data may only be stored.

To those nothing optional is written, and nothing of theirs is pruned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notification.erasure.store import ErasureStore
from shared.bus import Feature, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Received
from shared.hold_scope import LEGAL_HOLD
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
    HoldPlaced,
    HoldReleased,
    RestrictionLifted,
    RestrictionSet,
)
from shared.privacy import restricted


@dataclass(kw_only=True, eq=False)
class Erasure(Feature):
    """Hears of erasures, holds and restrictions, in whatever order. It answers orders in the name of `service`."""

    service: str
    clock: Clock
    store: ErasureStore = field(default_factory=ErasureStore)

    @handles(ErasureOrdered)
    def erase(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Forget everything about a company or one of its users, but for what is held. Twice does no harm."""
        event = message.event
        counts, kept = self.store.erase(tx, event.account_id, event.user_id, event.held)
        retained = [LEGAL_HOLD] if kept else []
        done = ErasureStepCompleted.done(event.erasure_id, self.service, counts, retained)
        tx.outbox.add(done, now=self.clock.now())

    @handles(ErasureDryRunOrdered)
    def try_erasure(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Forget, count and undo it."""
        event = message.event
        with tx.undone():
            counts, kept = self.store.erase(tx, event.account_id, event.user_id, event.held)
        retained = [LEGAL_HOLD] if kept else []
        answer = ErasureDryRunAnswered.foreseen(event.dry_run_id, self.service, counts, retained)
        tx.outbox.add(answer, now=self.clock.now())

    @handles(HoldPlaced)
    def begin_hold(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held for a dispute: it may only be stored (L59, L204)."""
        restricted.hold(tx, message.event.hold_id, message.event, message.time)

    @handles(HoldReleased)
    def end_hold(self, message: Received[HoldReleased], tx: Transaction) -> None:
        """A hold is over."""
        restricted.lift(tx, message.event.hold_id, message.time)

    @handles(RestrictionSet)
    def begin_restriction(self, message: Received[RestrictionSet], tx: Transaction) -> None:
        """A person had the processing restricted: the data may only be stored (L39)."""
        restricted.restrict(tx, message.event.restriction_id, message.event, message.time)

    @handles(RestrictionLifted)
    def end_restriction(self, message: Received[RestrictionLifted], tx: Transaction) -> None:
        """A restriction is over, and the person was told before."""
        restricted.lift(tx, message.event.restriction_id, message.time)
