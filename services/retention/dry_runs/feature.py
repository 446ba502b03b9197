"""Dry runs: every participant says what an erasure would take now, through the interface that erases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.retention.dry_runs import calls, store
from services.retention.dry_runs.calls import DryRunShown, OrderDryRun, WouldErase
from services.retention.dry_runs.store import DryRun
from services.retention.erasure import standing
from services.retention.erasure.rules import UnknownParticipantError
from services.retention.erasure.values import Scope
from services.retention.suspended_erasures import rules as suspension
from services.retention.suspended_erasures import store as suspensions
from shared import log
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.declarations import HandlesSpec
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import check_reaches
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound
from shared.events import Received
from shared.hold_scope import Held
from shared.identifiers import new_id
from shared.participation.events import ErasureDryRunAnswered, ErasureDryRunOrdered
from shared.system import PARTICIPANTS
from shared.terms.clauses.erasure import ERASE_WHEN_NOT_NEEDED

KEPT: Final = timedelta(days=7)
ANSWER_LIMIT: Final = timedelta(minutes=15)
"""A participant that answers at all does so within seconds."""

logger = log.get("retention.dry_runs")


@dataclass(kw_only=True, eq=False)
class DryRuns(Feature):
    """Asking what an erasure would take, and collecting the answers. Nothing is erased, fenced or announced."""

    database: Database
    clock: Clock
    caller: Caller
    participants: tuple[str, ...]

    def sources_of(self, spec: HandlesSpec) -> tuple[str, ...]:  # noqa: ARG002
        """Participants are heard that are configured."""
        return self.participants

    @answers(OrderDryRun)
    def order_dry_run(self, call: OrderDryRun) -> DryRunShown:
        """Ask every participant what it would erase and keep, with what is held now left out."""
        scope = Scope(account_id=call.account_id, user_id=call.user_id)
        exists = standing.ask(self.caller, self.clock, scope).state is not None
        now, dry_run_id = self.clock.now(), call.dry_run_id or new_id()
        with self.database.transaction() as tx, acting_as(str(call.actor)):
            if not exists and not suspensions.kept_back(tx, scope):
                raise NotFound("there is no such account or user")
            parts = suspensions.parts(tx, scope)
            run = DryRun(
                id=dry_run_id,
                account_id=scope.account_id,
                user_id=scope.user_id,
                ordered_at=now,
                held=suspension.is_suspended(scope, parts),
                with_held=call.with_held,
                participants=list(self.participants),
            )
            if not store.add(tx, run, str(call.actor)):
                return _shown(_ordered_before(store.find(tx, dry_run_id), run))
            left_out = Held() if run.with_held else suspension.held_in(parts)
            ordered = ErasureDryRunOrdered(
                dry_run_id=run.id,
                account_id=run.account_id,
                user_id=run.user_id,
                **ErasureDryRunOrdered.naming(left_out),
            )
            tx.outbox.add(ordered, now=now)
        logger.info("a dry run was ordered", dry_run_id=run.id)
        return _shown(run)

    @answers(calls.DryRun)
    def dry_run(self, call: calls.DryRun) -> DryRunShown:
        """What was answered so far."""
        with self.database.transaction() as tx:
            run = store.find(tx, call.dry_run_id)
        if run is None:
            raise NotFound("there is no such dry run")
        check_reaches(run.account_id)
        return _shown(run)

    @handles(ErasureDryRunAnswered, sources=PARTICIPANTS)
    def keep_dry_run_answer(self, message: Received[ErasureDryRunAnswered], tx: Transaction) -> None:
        """Take down what a participant would erase; each speaks for itself, from its own exchange."""
        answer = message.event
        if answer.participant != message.source:
            raise UnknownParticipantError("a service answers for another one")
        if not store.keep_answer(tx, answer):
            logger.warning("nobody asked for this answer, or not again", dry_run_id=answer.dry_run_id)

    @alarm(
        "dry_runs_silent",
        says="dry runs that not every participant has answered",
        act="vilkar retention dry-run ACCOUNT, and look at who is silent",
    )
    def silent_dry_runs(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Who says nothing to a dry run will not confirm an erasure."""
        return Waiting.of(store.silent(tx, now - ANSWER_LIMIT))

    @probe(
        ERASE_WHEN_NOT_NEEDED,
        nb="prøvekjøringer av slettinger som skulle vært slettet",
        en="dry runs of erasures that should have been deleted",
        seconds=HOURLY,
    )
    def dry_runs_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every hour."""
        with tx.undone():
            return store.purge(tx, now - KEPT - timedelta(days=1))

    @every(seconds=3600, irreversible=True)
    def purge_dry_runs(self) -> None:
        """Forget what was asked a week ago."""
        with self.database.transaction() as tx:
            store.purge(tx, self.clock.now() - KEPT)


def _ordered_before(known: DryRun | None, run: DryRun) -> DryRun:
    if known is None or _asks(known) != _asks(run):
        raise Conflict("there is another dry run with this id")
    return known


def _asks(run: DryRun) -> tuple[Any, ...]:
    return run.account_id, run.user_id, run.with_held


def _shown(run: DryRun) -> DryRunShown:
    nothing: dict[str, Any] = {"counts": {}, "retained": []}
    return DryRunShown(
        dry_run_id=run.id,
        account_id=run.account_id,
        user_id=run.user_id,
        ordered_at=run.ordered_at,
        held=run.held,
        with_held=run.with_held,
        complete=all(name in run.answers for name in run.participants),
        participants=tuple(
            WouldErase(
                participant=name,
                state="answered" if name in run.answers else "silent",
                counts=run.answers.get(name, nothing)["counts"],
                retained=tuple(run.answers.get(name, nothing)["retained"]),
            )
            for name in run.participants
        ),
    )
