"""The rota of duty by weeks: a record a week, which is drafted and in force in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.registers.duty import calls
from services.registers.engine import publishing, rules, store
from services.registers.engine.values import Given
from services.registers.kinds.duty_rota import DEPUTY, DUTY_ROTA, PERSON, WEEK
from services.staff.contacts.calls import CaseViewers
from shared.bus import Feature, answers
from shared.bus.statement_check import spend
from shared.calendar import monday_of, oslo_date, start_of_day_oslo
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Invalid
from shared.identifiers import new_id

WEEKS_AHEAD: Final = 26
WEEKS_SHOWN: Final = 30
NO_VIEWERS: Final = "no_case_viewers"


@dataclass(kw_only=True, eq=False)
class DutyRota(Feature):
    """Who is on duty. Cases keep a copy of it, by which they go on without this service."""

    database: Database
    clock: Clock
    caller: Caller

    @answers(calls.SetDuty)
    def set_duty(self, call: calls.SetDuty) -> calls.DutyWeek:
        """Say who is on duty in a week."""
        now, by = self.clock.now(), str(call.actor)
        check_week(call.week_on, now)
        self._check_viewers(call, now)
        fields = {WEEK: call.week_on.isoformat(), PERSON: str(call.person), DEPUTY: str(call.deputy)}
        given = Given(
            kind=DUTY_ROTA.code,
            account_id=None,
            valid_from=call.week_on,
            valid_to=None,
            review_on=None,
            fields=fields,
            evidence=None,
        )
        with self.database.transaction() as tx, acting_as(by):
            spend(tx, now)
            store.lock_all(tx)
            if fields not in (row["content"] for row in _counting(tx, now)):
                draft = rules.drafted(new_id(), given, by=by, now=now)
                store.add(tx, draft)
                publishing.keep(tx, draft, rules.submitted(draft, number=1, by=by, now=now), by=by, now=now)
        return calls.DutyWeek(week_on=call.week_on, person=str(call.person), deputy=str(call.deputy))

    def _check_viewers(self, call: calls.SetDuty, now: datetime) -> None:
        """Raise `Invalid` where neither of the two may be shown a case."""
        codes = tuple(sorted({each.name for each in (call.person, call.deputy) if each.name}))
        by = max(now, start_of_day_oslo(call.week_on))
        if not self.caller.ask(CaseViewers(codes=codes, by=by)).codes:
            fields = {name: ["may look at no case"] for name in ("person", "deputy")}
            raise Invalid("neither may be shown a case", details={"reason": NO_VIEWERS, "fields": fields})

    @answers(calls.Duty)
    def duty(self, _call: calls.Duty) -> calls.DutyShown:
        """Who is on duty, from this week on."""
        with self.database.transaction() as tx:
            rows = _counting(tx, self.clock.now())
        weeks = (row["content"] for row in rows)
        return calls.DutyShown(
            weeks=tuple(
                calls.DutyWeek(week_on=date.fromisoformat(each[WEEK]), person=each[PERSON], deputy=each[DEPUTY])
                for each in weeks
            )
        )


def _counting(tx: Transaction, now: datetime) -> Sequence[Row]:
    """The records of this week and those after it."""
    return store.counting_from(tx, DUTY_ROTA.code, oslo_date(now), limit=WEEKS_SHOWN)


def check_week(week_on: date, now: datetime) -> None:
    """Raise `Invalid` for no Monday, and for a week that is over or too far ahead."""
    this_week = monday_of(oslo_date(now))
    if week_on.weekday() != 0 or not this_week <= week_on <= this_week + timedelta(weeks=WEEKS_AHEAD):
        raise Invalid("a week is named by its Monday", details={"week_on": ["a Monday, half a year ahead at most"]})
