"""Troubles with Mailgun that a person must see to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.notification.letter_lifecycle.values import LIST_LIMIT
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)

BATCH: Final = 500


class AlarmStore:
    """Raises alarms, and closes them with what waited for that."""

    def raise_alarm(self, tx: Transaction, kind: str, now: datetime, *, status: int | None = None) -> None:
        """Ask a person to look; one open alarm of a kind counts how often it was met."""
        tx.run(Q.raise_alarm, id=new_id(), kind=kind, status=status, now=now)

    def open_alarms(self, tx: Transaction) -> list[Row]:
        """What a person must look at, the oldest first."""
        return tx.all(Q.open_alarms, limit=LIST_LIMIT)

    def waiting(self, tx: Transaction) -> Row | None:
        """How many alarms are open, and since when the oldest."""
        return tx.one(Q.alarms_waiting)

    def parked_letters(self, tx: Transaction) -> Row | None:
        """How many letters wait until a person has seen to an alarm, and since when the oldest was asked for."""
        return tx.one(Q.letters_waiting)

    def close_all(self, tx: Transaction, now: datetime) -> int:
        """A person has seen to them: close them, end the pause, put a batch of letters back; returns how many."""
        tx.run(Q.close_alarms, now=now)
        tx.run(Q.resume_provider)
        return tx.run(Q.release_parked, now=now, limit=BATCH)
