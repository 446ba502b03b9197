"""Calls whoever is on duty to a case, and others after them, until somebody comes.

What somebody is to be called for is read from the cases themselves, so that no room has to say it and no restore
loses it: a case opened by a machine or a customer, a clock at a mark, something decided and not carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.duty.values import OnDutyPair
from services.cases.duty_alerts import calls, rules, store
from services.cases.duty_alerts.events import DutyAlerted
from services.cases.duty_alerts.values import Rung
from services.cases.effects.values import LATE_AFTER
from services.cases.engine import store as cases
from services.cases.engine.opening import staff_code
from services.notification.duty_alerts.events import DutyAlertDelivered, DutyAlertFailed
from services.staff.contacts.calls import RoleHolders
from shared import log
from shared.actor import staff_actor
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.calls import Caller
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Transaction
from shared.errors import Refused, Transient
from shared.events import Code, Received
from shared.identifiers import new_id
from shared.staff import Role
from shared.terms.clauses.incidents import (
    CONTROLLERS_ARE_TOLD,
    HOW_FOUND_AND_MENDED,
    INCIDENTS_ARE_KEPT,
    WHAT_CHANGED_SINCE,
)

AT_ONCE: Final = 200
"""So many a round; the next one is two seconds later."""

logger = log.get("cases.duty_alerts")


@dataclass(kw_only=True, eq=False)
class DutyAlerts(Feature):
    """Safe to run in any number of processes at once. `pair_on_duty` is of the room of the rota."""

    database: Database
    clock: Clock
    caller: Caller
    pair_on_duty: Callable[[Transaction, datetime], OnDutyPair | None]

    @every(seconds=2)
    def alert_duty(self) -> None:
        """Call whoever is to be called now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            raised = store.to_raise(
                tx, now, effects_before=now - LATE_AFTER, told_before=now - rules.NOT_TOLD_AFTER, limit=AT_ONCE
            )
            store.put(tx, raised, now)
            store.close(tx, now)
            due = store.due(tx, now, limit=AT_ONCE)
            pair = self.pair_on_duty(tx, now)
        if due:
            self._climb(self._leads() if any(rules.whom(each, pair)[1] is None for each in due) else None)
        with self.database.transaction() as tx:
            persons = store.persons_waiting(tx, now - rules.PACE, now)
        for person in persons:
            with self.database.transaction() as tx:
                self._send(tx, person, self.clock.now())

    def _leads(self) -> tuple[str, ...] | None:
        """Who leads incidents; None where nobody says so now."""
        try:
            codes = self.caller.ask(RoleHolders(role=Role.INCIDENT_LEAD.value)).codes
        except (Transient, Refused) as error:
            logger.warning("who leads incidents is not known", exc_info=error)
            return None
        return tuple(map(staff_actor, codes))

    def _climb(self, leads: tuple[str, ...] | None) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx:
            pair = self.pair_on_duty(tx, now)
            for alert in store.due(tx, now, limit=AT_ONCE):
                rung, person = rules.whom(alert, pair)
                if person is None and leads is None:
                    store.put_off(tx, alert, now + rules.ASK_AGAIN)
                    continue
                persons = (person,) if person is not None else leads or ()
                number = rules.number_of(alert, rung)
                store.climb(tx, alert, number, persons, next_at=rules.next_at(alert, rung, now), now=now)

    @staticmethod
    def _send(tx: Transaction, person: str, now: datetime) -> None:
        waiting, code = store.waiting(tx, person), staff_code(person)
        if not waiting or code is None:
            return
        first, message_id = rules.foremost(waiting), new_id()
        others = len({each.case_id for each in waiting} - {first.case_id})
        store.send(tx, person, message_id, now)
        tx.outbox.add(
            DutyAlerted(
                case_id=first.case_id,
                alert_id=message_id,
                staff_code=code,
                kind=Code(first.kind),
                cause=Code(first.cause),
                level=Code(Rung(min(first.rung, rules.LAST)).level),
                rule=Code(first.rule) if first.rule else None,
                due_at=first.due_at,
                others=others,
            ),
            now=now,
        )
        logger.info("somebody on duty is called", case_id=first.case_id, cause=first.cause, others=others)

    # ── what became of it ─────────────────────────────────────────────────────────────────────────────────────

    @handles(DutyAlertDelivered)
    def note_delivered(self, message: Received[DutyAlertDelivered], tx: Transaction) -> None:
        """A message has reached the person's mailbox or pager. Whether somebody comes is another matter."""
        store.delivered(tx, message.event.alert_id, message.time)

    @handles(DutyAlertFailed)
    def note_failed(self, message: Received[DutyAlertFailed], tx: Transaction) -> None:
        """No way has brought a message to its person: the next one is not kept waiting for them."""
        store.failed(tx, message.event.alert_id, str(message.event.reason), self.clock.now())

    def came(self, tx: Transaction, case_id: UUID) -> None:
        """Whoever looks at a case has come, where they were called to it."""
        store.came(tx, case_id, current().actor, self.clock.now())

    @answers(calls.ShowAlerts)
    def show_alerts(self, call: calls.ShowAlerts) -> calls.AlertsShown:
        """Who was called to a case."""
        with self.database.transaction() as tx:
            cases.get(tx, call.case_id)
            found = store.of_case(tx, call.case_id)
        return calls.AlertsShown(
            alerts=tuple(
                calls.AlertShown(**row, persons=tuple(calls.AlertedPerson(**each) for each in persons))
                for row, persons in found
            )
        )

    # ── for whoever watches ───────────────────────────────────────────────────────────────────────────────────

    @probe(INCIDENTS_ARE_KEPT, nb="varsler som ingen har svart på", en="calls that nobody on duty has answered")
    @alarm("duty_unanswered", says="calls to everybody on duty that nobody has answered", act="vilkar case list")
    def unanswered(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Everybody who leads incidents was called twice."""
        return Waiting.of(store.unanswered(tx))

    @alarm("duty_not_called", says="cases to which nobody could be called yet", act="vilkar register duty")
    def not_called(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody is on duty, and who leads incidents is not known, or nobody does."""
        return Waiting.of(store.unsent(tx, now - rules.UNSENT_AFTER))

    @probe(
        CONTROLLERS_ARE_TOLD,
        WHAT_CHANGED_SINCE,
        HOW_FOUND_AND_MENDED,
        nb="mottakere som vi ikke vet om er varslet",
        en="recipients perhaps not told",
    )
    @alarm(
        "breach_not_told",
        says="recipients of notices of a breach of whom nobody knows whether they were told",
        act="vilkar case list",
    )
    def not_told(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Their letter was ordered, and neither a receipt nor a failure has come."""
        return Waiting.of(store.not_told(tx, now - rules.NOT_TOLD_AFTER))
