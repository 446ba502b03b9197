"""What an erasure takes here: the logins of the scope, and whom the trail's references stand for."""

from __future__ import annotations

from services.audit.restricting import Restricting
from services.audit.store import LoginStore
from shared.bus import handles
from shared.database import Transaction
from shared.events import Received
from shared.hold_scope import LEGAL_HOLD
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
)


class Forgetting(Restricting):
    """Audit's part in an erasure, and in a dry run of one; the trail itself stays and still verifies."""

    login_store: LoginStore

    @handles(ErasureOrdered)
    def forget_subject(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Delete the logins, and who the trail's references are; the trail itself stays and still verifies."""
        event, now = message.event, self.clock.now()
        self.trail_store.wait_lock(tx)
        counts, kept = self.login_store.erase(
            tx,
            erasure_id=event.erasure_id,
            account_id=event.account_id,
            user_id=event.user_id,
            now=now,
            held=event.held,
        )
        retained = [LEGAL_HOLD] if kept else []
        tx.outbox.add(ErasureStepCompleted.done(event.erasure_id, self.name, counts, retained), now=now)
        self.record(message, tx)

    @handles(ErasureDryRunOrdered)
    def try_forgetting(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Say how many rows an erasure would take; the order of a dry run enters the trail as any event does."""
        event, now = message.event, self.clock.now()
        account_id, user_id, held = event.account_id, event.user_id, event.held
        with tx.undone():
            counts, kept = self.login_store.erase(
                tx, erasure_id=event.dry_run_id, account_id=account_id, user_id=user_id, now=now, held=held
            )
        retained = [LEGAL_HOLD] if kept else []
        tx.outbox.add(ErasureDryRunAnswered.foreseen(event.dry_run_id, self.name, counts, retained), now=now)
        self.record(message, tx)
