"""How far erasures are: for whoever asks, for the metrics, and for the person who must look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.retention.erasure import store as erasures
from services.retention.erasure.due_dates import expire_on
from services.retention.erasure.values import REVOCABLE, Erasure, HeldPart, Scope, limits_on
from services.retention.monitoring import calls, rules, store
from services.retention.monitoring.calls import (
    AccountKept,
    ErasureShown,
    ErasuresInState,
    ErasuresShown,
    HaltedCounted,
    HeldShown,
    KeptCounted,
    ParticipantShown,
)
from services.retention.suspended_erasures import store as suspensions
from services.retention.suspended_erasures.rules import is_suspended, parts_of, shown_parts
from shared import calendar
from shared.bus import Feature, answers, every, metrics
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.keyset import Place, cut
from shared.terms.clauses import erasure as promised


@dataclass(kw_only=True, eq=False)
class Monitoring(Feature):
    """Shows erasures, counts them, and raises an alarm about those that are late or stand still."""

    database: Database
    clock: Clock

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Timeline)
    def timeline(self, call: calls.Timeline) -> ErasuresShown:
        """Every erasure of an account and of its users, oldest first; what is held of those that wait is as of now.

        That is found by the rules, not by the query of lists, which cannot tell it of one person.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            listed = [each.erasure for each in erasures.of_account(tx, call.account_id)]
            holds = suspensions.active_holds(tx, call.account_id)
            restrictions = suspensions.set_restrictions(tx, call.account_id)
        shown = []
        for each in listed:
            if call.user_id is not None and each.scope.user_id not in (None, call.user_id):
                continue
            scope = Scope(account_id=call.account_id, user_id=call.user_id or each.scope.user_id)
            if each.state in REVOCABLE and each.held is None:
                parts = parts_of(scope, holds, restrictions)
                shown.append(_shown(each, now, suspended=is_suspended(scope, parts), held=parts))
            else:
                shown.append(_shown(each, now, suspended=False, held=each.held or ()))
        return ErasuresShown(erasures=tuple(shown))

    @answers(calls.Erasures)
    def erasures(self, call: calls.Erasures) -> ErasuresInState:
        """Erasures in one state, oldest first."""
        with self.database.transaction() as tx:
            found = [each.erasure for each in store.in_state(tx, call)]
            listed, following = cut(found, call.limit, lambda each: Place(each.entered_at, each.id))
            suspended = store.suspended_among(tx, [each.id for each in listed])
        now = self.clock.now()
        shown = [_shown(each, now, suspended=each.id in suspended, held=each.held or ()) for each in listed]
        return ErasuresInState(erasures=tuple(shown), next_after=following)

    @answers(calls.CountKept)
    def count_kept(self, call: calls.CountKept) -> KeptCounted:
        """How much of each of these accounts may only be stored."""
        with self.database.transaction() as tx:
            kept = store.kept(tx, call.account_ids)
        return KeptCounted(accounts=tuple(AccountKept(**row) for row in kept))

    @answers(calls.CountHalted)
    def count_halted(self, _call: calls.CountHalted) -> HaltedCounted:
        """How many erasures wait until a person releases them."""
        with self.database.transaction() as tx:
            halted = store.halted(tx)
        return HaltedCounted(count=halted["count"] if halted else 0)

    # ── jobs and alarms ───────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=30)
    def measure_erasures(self) -> None:
        """Count the erasures that are on their way, by state."""
        with self.database.transaction() as tx:
            for state, count in store.by_state(tx).items():
                metrics.ERASURES.labels(state).set(count)

    @probe(
        promised.ERASE_AFTER_INACTIVE,
        promised.ERASE_AFTER_NOTICE,
        promised.ERASE_ON_REQUEST,
        nb="slettinger som ikke er gjort innen dagene de kan ta",
        en="erasures that were not done within the days they may take",
    )
    @alarm("erasures_late", says="erasures past the days they may take", act="vilkar retention list ordered")
    def late_erasures(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What was promised for a date has not been done."""
        today = calendar.oslo_date(now)
        listed = [stored.erasure for stored in store.unfinished(tx, today)]
        late = [(each, limits_on(each.promised_on)) for each in listed]
        days = [rules.late_from(each, limits) for each, limits in late if rules.is_late(each, now, limits)]
        return Waiting(len(days), calendar.start_of_day_oslo(min(days))) if days else None

    @alarm("erasures_halted", says="erasures that were halted", act="vilkar retention list halted")
    def halted_erasures(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person looks at why, and releases them."""
        return Waiting.of(store.halted(tx))

    @probe(
        promised.LIFE_CYCLE_BY_LAW,
        nb="slettinger som noen ikke har bekreftet i tide",
        en="erasures that somebody has not confirmed in time",
    )
    @alarm(
        "participants_overdue",
        says="erasures that a participant has not confirmed in its time",
        act="vilkar retention list ordered",
    )
    def overdue_participants(self, tx: Transaction, now: datetime) -> Waiting | None:
        """They are asked again by themselves; somebody has to look at who does not answer."""
        listed = [stored.erasure for stored in store.unfinished(tx, calendar.oslo_date(now))]
        asked = [each.entered_at for each in listed if rules.is_overdue(each, now, limits_on(each.promised_on))]
        return Waiting(len(asked), min(asked)) if asked else None


def _shown(erasure: Erasure, now: datetime, *, suspended: bool, held: Iterable[HeldPart]) -> ErasureShown:
    limits = limits_on(erasure.promised_on)
    states = rules.progress(erasure, now, limits)
    return ErasureShown.of(
        erasure,
        erasure_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        trigger=erasure.trigger.value,
        state=erasure.state.value,
        reminders=tuple(calendar.reminder_dates(erasure.started_on, erasure.due_on, limits.reminder_days)),
        late=not suspended and rules.is_late(erasure, now, limits),
        participants=tuple(_participant(erasure, name, state) for name, state in states.items()),
        backups_expire_on=_backups_expire_on(erasure),
        cancellation=erasure.cancellation.value if erasure.cancellation else None,
        suspended=suspended,
        held=tuple(HeldShown(**part) for part in shown_parts(held)),
    )


def _backups_expire_on(erasure: Erasure) -> date | None:
    """The day that its certificate says; before it is carried out the last one on which that can be."""
    if erasure.destroyed_at is None:
        return erasure.backups_expire_on
    return expire_on("backup.max_age", erasure.destroyed_at)


def _participant(erasure: Erasure, name: str, state: str) -> ParticipantShown:
    answer = erasure.answers.get(name)
    return ParticipantShown(
        participant=name,
        state=state,
        counts=dict(answer.counts) if answer else {},
        retained=tuple(answer.retained) if answer else (),
    )
