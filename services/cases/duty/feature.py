"""A copy of the register of duty: who answers for what machines open. It counts while that service is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.cases.duty import rules, store
from services.cases.duty.values import OnDutyPair
from services.registers.duty.calls import Duty
from services.registers.engine.events import RegisterChanged
from shared import log
from shared.bus import Feature, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date, start_of_day_oslo
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Transient
from shared.events import Received

logger = log.get("cases.duty")


@dataclass(kw_only=True, eq=False)
class DutyRota(Feature):
    """Knows who is on duty, and says so where nobody is."""

    database: Database
    clock: Clock
    caller: Caller

    @handles(RegisterChanged)
    def note_change(self, message: Received[RegisterChanged], tx: Transaction) -> None:
        """The rota has changed: it is copied anew."""
        if message.event.kind == rules.REGISTER:
            store.note_change(tx, message.event.record_id, now=self.clock.now())

    @every(seconds=5)
    def copy_changed(self) -> None:
        """Copy the rota where it has changed."""
        with self.database.transaction() as tx:
            is_changed = store.is_changed(tx)
        if is_changed:
            self.copy_duty()

    @every(seconds=3600)
    def copy_duty(self) -> None:
        """Copy the rota from this week on, whatever was heard: a database that was set back catches up."""
        asked_at = self.clock.now()
        try:
            weeks = self.caller.ask(Duty()).weeks
        except Transient as error:
            logger.warning("duty_not_copied", exc_info=error)
            return
        with self.database.transaction() as tx:
            store.copy(tx, rules.week_of(asked_at), weeks, asked_at=asked_at)

    def pair_on_duty(self, tx: Transaction, now: datetime) -> OnDutyPair | None:
        """Who is on duty now, and who is next."""
        return store.of_week(tx, rules.week_of(now))

    def on_duty(self, tx: Transaction, now: datetime) -> str | None:
        """Who answers for what is opened now."""
        pair = self.pair_on_duty(tx, now)
        return pair.person if pair else None

    def next_owner(self, tx: Transaction, owner: str | None, now: datetime) -> str | None:
        """Who answers for a case whose time is over."""
        return rules.next_owner(owner, self.pair_on_duty(tx, now))

    @alarm("duty_rota_empty", says="nobody is on duty this week", act="vilkar register set-duty")
    def rota_empty(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What machines open has no owner until somebody is."""
        week_on = rules.week_of(now)
        return None if store.of_week(tx, week_on) else Waiting(1, start_of_day_oslo(week_on))

    @every(seconds=3600, irreversible=True)
    def forget_duty(self) -> None:
        """Forget who was on duty a year ago."""
        with self.database.transaction() as tx:
            store.forget(tx, oslo_date(self.clock.now() - rules.KEPT))
