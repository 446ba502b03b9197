"""Carrying erasures out: what is due passes the brake, and goes on step by step to its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.retention.erasure import store as erasures
from services.retention.erasure.rules import UnknownParticipantError
from services.retention.erasure.values import Answer, Outcome, Scope, State, limits_on
from services.retention.execution import rules, store
from services.retention.execution.calls import Release, Released
from services.retention.execution.erasure_process import RETRY, ErasureProcess
from shared import calendar, log
from shared.bus import Feature, answers, every, handles
from shared.bus.declarations import HandlesSpec
from shared.bus.statement_check import two_persons
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict
from shared.events import Received
from shared.identifiers import new_id
from shared.participation.events import ErasureStepCompleted
from shared.system import PARTICIPANTS

FAREWELLS: Final = frozenset({"account_erased", "user_erased"})

logger = log.get("retention")


@dataclass(kw_only=True, eq=False)
class Execution(Feature):
    """Begins what is due, carries it on, and hears what participants and the last letter came to."""

    database: Database
    clock: Clock
    process: ErasureProcess

    def sources_of(self, spec: HandlesSpec) -> tuple[str, ...]:
        """Participants are heard that are configured."""
        return self.process.participants if spec.event is ErasureStepCompleted else spec.sources

    # ── event handlers ────────────────────────────────────────────────────────────────────────────────────────

    @handles(NotificationSent)
    def note_farewell_sent(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The last letter has left."""
        self._settle_letter(tx, message.event)

    @handles(NotificationFailed)
    def note_farewell_failed(self, message: Received[NotificationFailed], tx: Transaction) -> None:
        """The last letter cannot be sent; the erasure does not wait for it."""
        self._settle_letter(tx, message.event)

    def _settle_letter(self, tx: Transaction, event: NotificationSent | NotificationFailed) -> None:
        if event.letter not in FAREWELLS:
            return
        user_id = event.user_id if event.letter == "user_erased" else None
        scope = Scope(account_id=event.account_id, user_id=user_id)
        for stored in erasures.of_scope(tx, scope):
            if stored.erasure.scope == scope and stored.erasure.state is State.ANNOUNCED:
                erasures.apply(tx, stored, rules.letter_settled(stored.erasure), self.clock.now())

    @handles(ErasureStepCompleted, sources=PARTICIPANTS)
    def record_answer(self, message: Received[ErasureStepCompleted], tx: Transaction) -> None:
        """A participant has done its part; each speaks for itself, from its own exchange."""
        event, now = message.event, self.clock.now()
        if event.participant != message.source:
            raise UnknownParticipantError("a service answers for another one")
        stored = erasures.get(tx, event.erasure_id, locked=True)
        if stored is None:
            raise UnknownParticipantError("an answer to an erasure that was never ordered here")
        answer = Answer(
            outcome=Outcome(event.outcome),
            counts={str(kind): count for kind, count in event.counts.items()},
            retained=tuple(event.retained),
        )
        move = rules.record_answer(stored.erasure, event.participant, answer)
        if move.erasure is not stored.erasure:
            store.keep_answer(tx, event.erasure_id, event.participant, move.erasure.answers[event.participant], now)
            erasures.apply(tx, stored, move, now)

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=1, irreversible=True)
    def plan_run(self) -> None:
        """Let what is due pass the brake, or halt it."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            due = store.due(tx, now)
            if not due:
                return
            known = {each.erasure.id: each for each in due}
            planned = rules.brake(
                [each.erasure for each in due],
                already_there=store.braked_count(tx),
                run_id=new_id(),
                now=now,
                limits=limits_on(calendar.oslo_date(now)),
            )
            erasures.apply_all(tx, known, planned.halt, now)
            for event in planned.events:
                tx.outbox.add(event, now=now)
            store.clear(tx, [each.id for each in planned.begin], now)
        logger.info("a run was planned", begun=len(planned.begin), halted=len(planned.halt))

    @every(seconds=0.25, irreversible=True)
    def carry_out(self) -> None:
        """Carry erasures forward."""
        with self.database.transaction() as tx:
            claimed = store.claim(tx, self.clock.now())
        for erasure_id in claimed:
            try:
                self.process.advance(erasure_id)
            except Exception:  # one erasure's trouble must not keep the others waiting
                logger.exception("an erasure cannot go on now", erasure_id=erasure_id)
                with self.database.transaction() as tx:
                    store.let_go(tx, erasure_id, self.clock.now() + RETRY)

    # ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────

    @answers(Release)
    def release(self, call: Release, tx: Transaction) -> Released:
        """Two persons have looked at halted erasures and let them go on."""
        two_persons()
        now = self.clock.now()
        released = 0
        for erasure_id in call.erasure_ids:
            stored = erasures.get(tx, erasure_id, locked=True)
            if stored is not None and stored.erasure.state is State.HALTED:
                erasures.apply(tx, stored, rules.release(stored.erasure, now), now)
                released += 1
        if not released:
            raise Conflict("none of these erasures is halted", details={"reason": "not_halted"})
        logger.info("halted erasures were released", count=released)
        return Released(released=released)
