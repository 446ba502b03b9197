"""Persons decide about cases: steps, decisions, instants, owners, and whom a case is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.cases.decisions import calls
from services.cases.decisions.calls import CaseChanged
from services.cases.engine import opening, rules, store
from services.cases.engine.events import CaseAssigned
from services.cases.engine.opening import OnDuty
from services.cases.engine.subject_check import check_there
from services.cases.engine.values import CaseFile, Change
from services.cases.kinds.values import Moment, Step
from shared import log
from shared.bus import Feature, answers
from shared.bus.statement_check import two_persons
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Conflict, Invalid

logger = log.get("cases.decisions")


@dataclass(kw_only=True, eq=False)
class Decisions(Feature):
    """Takes down what named persons decide, and opens what follows from it."""

    clock: Clock
    caller: Caller
    on_duty: OnDuty
    follow: Sequence[Callable[[Transaction, Change, Step], None]]
    """What rooms settle with a decision, in its transaction; each raises `Conflict` where something is lacking."""
    tell_received: Callable[[Transaction, CaseFile], None]
    """Tells whoever asked that a case was opened which followed from another one, where a letter says so."""

    # ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.TakeStep)
    def take_step(self, call: calls.TakeStep, tx: Transaction) -> CaseChanged:
        """Do what a case needs next."""
        return self._take(
            tx,
            call,
            str(call.actor),
            decisive=False,
            other_id=call.other_id,
            confirmed=call.confirmed,
            late=call.late_reason,
        )

    @answers(calls.DecideCase)
    def decide_case(self, call: calls.DecideCase, tx: Transaction) -> CaseChanged:
        """Decide what has a meaning in law."""
        return self._take(tx, call, str(call.actor), decisive=True, late=call.late_reason)

    @answers(calls.DecideByTwo)
    def decide_by_two(self, call: calls.DecideByTwo, tx: Transaction) -> CaseChanged:
        """Decide what two persons have signed."""
        asked_by, approved_by, approval_id = two_persons()
        return self._take(
            tx,
            call,
            asked_by,
            decisive=True,
            late=call.late_reason,
            approved_by=approved_by,
            approval_id=approval_id,
        )

    def _take(
        self,
        tx: Transaction,
        call: calls.TakeStep | calls.DecideCase | calls.DecideByTwo,
        actor: str,
        *,
        decisive: bool,
        other_id: UUID | None = None,
        confirmed: bool = False,
        late: str | None = None,
        approved_by: str | None = None,
        approval_id: UUID | None = None,
    ) -> CaseChanged:
        now = self.clock.now()
        file, other = _locked(tx, call.case_id, other_id)
        step, change = rules.take(
            file,
            call.step,
            decisive=decisive,
            version=call.version,
            reason=call.reason,
            late_reason=late,
            actor=actor,
            now=now,
            approved_by=approved_by,
            approval_id=approval_id,
        )
        _check_other(step, other)
        store.save(tx, change)
        for settle in self.follow:
            settle(tx, change, step)
        signal = call.reason if step.says_what_follows else file.case.signal
        opened = [
            opening.open_following(tx, change.after, kind, signal=signal, on_duty=self.on_duty, now=now)
            for kind in step.opens
        ]
        for each in opened:
            self.tell_received(tx, each.after)
        if other is not None:
            link = opening.link_of(file, step)
            joined = opening.join(tx, change.after, other, link, now, confirmed=confirmed)
            store.save(tx, joined)
            opening.tell_instants(tx, joined, now)
        opening.tell_step(tx, change, now, other=other)
        logger.info("a step was taken", case_id=call.case_id, step=step.code)
        return _changed(change.after, tuple(each.after.case.id for each in opened))

    # ── instants, owners, whom it is about ────────────────────────────────────────────────────────────────────

    @answers(calls.EnterInstant)
    def enter_instant(self, call: calls.EnterInstant, tx: Transaction) -> CaseChanged:
        """Say when something happened."""
        now = self.clock.now()
        change = rules.enter(
            store.lock(tx, call.case_id),
            Moment(call.name),
            call.at,
            confirmed=call.confirmed,
            actor=str(call.actor),
            version=call.version,
            now=now,
        )
        store.save(tx, change)
        opening.tell_instants(tx, change, now)
        return _changed(change.after)

    @answers(calls.AssignCase)
    def assign_case(self, call: calls.AssignCase, tx: Transaction) -> CaseChanged:
        """Let another person answer for a case."""
        file = store.lock(tx, call.case_id)
        case = rules.assigned(file.case, str(call.owner), version=call.version)
        store.save_case(tx, case)
        assigned = CaseAssigned(case_id=case.id, staff_code=opening.staff_code(case.owner))
        tx.outbox.add(assigned, now=self.clock.now(), sequence=case.version)
        return _changed(replace(file, case=case))

    @answers(calls.CheckRestored)
    def check_restored(self, call: calls.CheckRestored, tx: Transaction) -> CaseChanged:
        """Say that what a restore has lost of a case was looked at."""
        file = store.lock(tx, call.case_id)
        case = rules.checked(file.case, version=call.version)
        store.save_case(tx, case)
        return _changed(replace(file, case=case))

    def check_affected(self, call: calls.AddAffected) -> None:
        """Raise as `check_there` for whom it names."""
        check_there(self.caller, call.account_ids, call.user_ids)

    @answers(calls.AddAffected, first=check_affected)
    def add_affected(self, call: calls.AddAffected, tx: Transaction) -> CaseChanged:
        """Say which companies a case is about."""
        now = self.clock.now()
        file = store.lock(tx, call.case_id)
        rules.check_open(file.case, call.version)
        known, _ = store.count_subjects(tx, call.case_id)
        if known + len(call.account_ids) + len(call.user_ids) > store.SUBJECTS_MOST:
            raise Conflict("a case is about so many at most", details={"reason": "too_many"})
        store.add_subjects(tx, call.case_id, call.account_ids, call.user_ids, now)
        return _changed(replace(file, case=store.raise_version(tx, file.case)))


def _locked(tx: Transaction, case_id: UUID, other_id: UUID | None) -> tuple[CaseFile, CaseFile | None]:
    """The case and the one that takes it in, locked in one order whoever asks, so that nobody waits in a circle."""
    if other_id is None:
        return store.lock(tx, case_id), None
    if other_id == case_id:
        raise Invalid("a case is not joined with itself", details={"other_id": ["another case"]})
    found = {each: store.lock(tx, each) for each in sorted((case_id, other_id))}
    return found[case_id], found[other_id]


def _check_other(step: Step, other: CaseFile | None) -> None:
    if step.joins is None:
        if other is not None:
            raise Invalid("this step joins nothing", details={"other_id": ["not for this step"]})
        return
    if other is None or other.case.kind != step.joins:
        raise Invalid(
            "the step names the case that takes this one in", details={"other_id": [f"of kind {step.joins}"]}
        )
    if other.case.ended_at is not None:
        raise Conflict("the other case has ended", details={"reason": "other_ended"})


def _changed(file: CaseFile, opened: tuple[UUID, ...] = ()) -> CaseChanged:
    case = file.case
    return CaseChanged(case_id=case.id, version=case.version, state=case.state, opened=opened)
