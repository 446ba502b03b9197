"""What about the trail waits for a person: it stands still, or what was written is not what is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.audit.store import TrailStore, VerificationStore
from shared.bus import Service
from shared.bus.alarms import Waiting, alarm
from shared.database import Transaction

PLACE_LIMIT: Final = timedelta(minutes=15)
"""A row has its place within a second; where rows wait this long, the trail does not grow."""


class TrailAlarms(Service):
    """The alarms of audit."""

    trail_store: TrailStore
    verifications: VerificationStore

    @alarm("trail_stands_still", says="rows that wait for their place in the trail", act="vilkar audit head")
    def waiting_rows(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The log says why, and `vilkar audit reopen` lets it go on after a restore."""
        return Waiting.of(self.trail_store.kept_waiting(tx, now - PLACE_LIMIT))

    @alarm("trail_damaged", says="a verification that found the trail damaged", act="vilkar audit verify")
    def damaged_trail(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """It stands until a later verification finds it whole."""
        return Waiting.of(self.verifications.damaged(tx))
