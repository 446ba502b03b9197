"""Troubles with Mailgun that do not end by themselves, and the letters that wait until a person has looked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.notification.alarms.calls import Alarms, AlarmShown, AlarmsShown, ParkedReleased, ReleaseParked
from services.notification.alarms.store import AlarmStore
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.clock import Clock
from shared.database import Database, Transaction


@dataclass(kw_only=True, eq=False)
class VendorAlarms(Feature):
    """Shows what is wrong at Mailgun, and lets a person say that it was seen to."""

    database: Database
    clock: Clock
    store: AlarmStore = field(default_factory=AlarmStore)

    @alarm("mailgun", says="troubles with Mailgun that do not end by themselves", act="vilkar mailgun alarms")
    def mailgun_troubles(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person sees to them and then releases what waits."""
        return Waiting.of(self.store.waiting(tx))

    @alarm("letters_held", says="letters held back until a person has looked", act="vilkar mailgun release")
    def held_letters(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """They are sent once somebody releases them."""
        return Waiting.of(self.store.parked_letters(tx))

    @answers(Alarms)
    def alarms(self, _call: Alarms) -> AlarmsShown:
        """What a person must see to at Mailgun."""
        with self.database.transaction() as tx:
            rows, parked = self.store.open_alarms(tx), self.store.parked_letters(tx)
        return AlarmsShown(
            alarms=tuple(AlarmShown(**row) for row in rows), parked_letters=int(parked["count"]) if parked else 0
        )

    @answers(ReleaseParked)
    def release_parked(self, _call: ReleaseParked, tx: Transaction) -> ParkedReleased:
        """A person has seen to the alarms: close them, end the pause, and send parked letters, 500 at a time."""
        return ParkedReleased(released=self.store.close_all(tx, self.clock.now()))
