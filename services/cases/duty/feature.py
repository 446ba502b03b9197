"""The rota: who answers for what machines open. It stands here until there is a register of duties (ADR 0041)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.cases.duty import calls, rules, store
from services.cases.duty.values import OnDutyPair
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date, start_of_day_oslo
from shared.clock import Clock
from shared.database import Database, Transaction


@dataclass(kw_only=True, eq=False)
class DutyRota(Feature):
    """Knows who is on duty, and says so where nobody is."""

    database: Database
    clock: Clock

    @answers(calls.SetDuty)
    def set_duty(self, call: calls.SetDuty, tx: Transaction) -> calls.DutyWeek:
        """Say who is on duty in a week."""
        now, pair = self.clock.now(), OnDutyPair(str(call.person), str(call.deputy))
        rules.check(call.week_on, pair, now)
        store.set_week(tx, call.week_on, pair, by=str(call.actor), now=now)
        return calls.DutyWeek(week_on=call.week_on, **pair._asdict())

    @answers(calls.Duty)
    def duty(self, _call: calls.Duty) -> calls.DutyShown:
        """Who is on duty, from this week on."""
        with self.database.transaction() as tx:
            rows = store.from_week(tx, rules.week_of(self.clock.now()))
        return calls.DutyShown(weeks=tuple(calls.DutyWeek(**row) for row in rows))

    def on_duty(self, tx: Transaction, now: datetime) -> str | None:
        """Who answers for what is opened now."""
        pair = store.of_week(tx, rules.week_of(now))
        return pair.person if pair else None

    def next_owner(self, tx: Transaction, owner: str | None, now: datetime) -> str | None:
        """Who answers for a case whose time is over."""
        return rules.next_owner(owner, store.of_week(tx, rules.week_of(now)))

    @alarm("duty_rota_empty", says="nobody is on duty this week", act="vilkar case duty")
    def rota_empty(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What machines open has no owner until somebody is."""
        week_on = rules.week_of(now)
        return None if store.of_week(tx, week_on) else Waiting(1, start_of_day_oslo(week_on))

    @every(seconds=3600, irreversible=True)
    def forget_duty(self) -> None:
        """Forget who was on duty a year ago."""
        with self.database.transaction() as tx:
            store.forget(tx, oslo_date(self.clock.now() - rules.KEPT))
