"""Acts on what the audit service sees: users are told, and where somebody else may be in, set a new password.

Nothing is closed for longer than the user takes to follow the link of a letter, and nobody's account is blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.authentication import store as authentication_store
from services.account.takeover import rules
from services.account.takeover.events import UserLoginSuspected, UserResetRequired
from services.audit.anomalies.events import AnomalyDetected
from shared.bus import Feature, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import NotFound
from shared.events import Code, Received


@dataclass(eq=False)
class Takeover(Feature):
    """Suspicious log-ins of users."""

    clock: Clock

    @handles(AnomalyDetected)
    def act_on_anomaly(self, message: Received[AnomalyDetected], tx: Transaction) -> None:
        """Tell each user whom it names; end sessions and ask for a new password where somebody else got in."""
        suspicion = rules.suspicion_of(message.event.detector)
        if suspicion is not None:
            for user_id in sorted(message.event.user_ids):
                self._suspect(tx, user_id, suspicion, message.event)

    def _suspect(self, tx: Transaction, user_id: UUID, suspicion: str, anomaly: AnomalyDetected) -> None:
        try:
            account = accounts.account(tx, accounts.user(tx, user_id).account_id, "share")
            user = accounts.user(tx, user_id, lock=True)
        except NotFound:  # erased meanwhile, sessions and all
            return
        credential = authentication_store.credential(tx, user_id)
        changed_at = credential.changed_at if credential else None
        reset = rules.is_reset_required(suspicion, changed_at, anomaly.window_to)
        if reset:
            authentication_store.require_reset(tx, user_id, now=self.clock.now())
            required = UserResetRequired(**user.ids, anomaly_id=anomaly.anomaly_id, seen_at=anomaly.window_to)
            tx.outbox.add(required, now=self.clock.now())
        closed_at = credential.reset_required_at if credential else None
        if rules.is_told(account, user) and not rules.is_told_already(suspicion, closed_at, anomaly.window_to):
            event = UserLoginSuspected(
                **user.ids,
                anomaly_id=anomaly.anomaly_id,
                suspicion=Code(suspicion),
                seen_at=anomaly.window_to,
                reset_required=reset,
            )
            tx.outbox.add(event, now=self.clock.now())
