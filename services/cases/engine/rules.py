"""What becomes of a case, decided by its kind. Pure: every function takes what is known, and `now`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from services.cases.clocks.rules import deadline, limit_of, request_deadline
from services.cases.clocks.values import Limit
from services.cases.engine.values import (
    STATE_CLOCK,
    Case,
    CaseFile,
    Change,
    Decision,
    Effect,
    Entered,
    RunningClock,
)
from services.cases.kinds.table import BY_VERSION
from services.cases.kinds.values import BY_LETTER, STARTING, CaseKind, Clock, Moment, RequestClock, State, Step
from shared import breach_words
from shared.calendar import CALENDAR_VERSION, add_working_days, days_between, oslo_date
from shared.case_references import reference_of
from shared.errors import Conflict, Invalid
from shared.identifiers import new_id
from shared.past_instants import check_past
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD, INCIDENTS_ARE_KEPT
from shared.terms.rule_registry import enforces

LATE_REASONS: Final = tuple(breach_words.LATE)
"""Why something came late: codes, for sentences name people."""
MARKS: Final = 16
"""More marks than any clock has."""


def kind_of(case: Case) -> CaseKind:
    """The kind that a case is held to: that of the version it was opened in."""
    return BY_VERSION[case.kind, case.kind_version]


# ── opened ────────────────────────────────────────────────────────────────────────────────────────────────────


def opened(
    kind: CaseKind,
    *,
    opened_by: str,
    signal: str,
    received_at: datetime,
    entered: Iterable[Entered],
    owner: str | None,
    now: datetime,
    join_key: str | None = None,
    case_id: UUID | None = None,
) -> Change:
    """A new case, whose clocks count from the instants that are known. Raises `Invalid` for one in the future.

    One that is made again after a restore has the id that it had.
    """
    if opened_by not in kind.opened_by:
        raise Invalid("no such case is opened so", details={"opened_by": ["does not open this kind"]})
    known = tuple(entered)
    for each in known:
        check_past(each.at, now, field="at")
    case_id = case_id or new_id()
    case = Case(
        id=case_id,
        reference=reference_of(case_id),
        kind=kind.code,
        kind_version=kind.version,
        state=kind.first.code,
        state_since=now,
        owner=owner,
        opened_by=opened_by,
        signal=signal,
        join_key=join_key,
        signals=1,
        received_at=received_at,
        opened_at=now,
        ended_at=None,
        version=1,
        subjects_erased=0,
        restored_at=None,
    )
    return Change(after=counted(CaseFile(case=case, entered=known), now), entered=known)


# ── clocks ────────────────────────────────────────────────────────────────────────────────────────────────────


def counted(file: CaseFile, now: datetime) -> CaseFile:
    """The case with its clocks as its state and instants have them.

    What runs no longer is stopped, what runs again goes on from where it started, and no start ever becomes later.
    A case that has ended has no clock that runs.
    """
    kind, case = kind_of(file.case), file.case
    clocks = {each.key: each for each in file.clocks}
    for clock in kind.clocks:
        found = _of_case(clock, file, clocks.get((clock.rule, 1)), now)
        if found is not None and isinstance(clock, RequestClock):
            found = _of_request(clock, file, found)
        if found is not None:
            clocks[found.key] = found
    state = kind.state(case.state)
    own = _of_state(state, case, clocks) if state is not None and case.ended_at is None else None
    if own is not None:
        clocks[own.key] = own
    running = {own.key} if own else set()
    running |= {
        (each.rule, 1)
        for each in kind.clocks
        if case.ended_at is None and case.state in each.runs_in and not _is_done(each, file)
    }
    return replace(
        file,
        clocks=tuple(
            replace(each, stopped_at=None if each.key in running else each.stopped_at or now)
            for each in clocks.values()
        ),
    )


def _is_done(clock: Clock, file: CaseFile) -> bool:
    return any(each.step in clock.done_by for each in file.decisions)


def _of_case(clock: Clock, file: CaseFile, known: RunningClock | None, now: datetime) -> RunningClock | None:
    is_in = file.case.ended_at is None and file.case.state in clock.runs_in
    start = file.moments.get(clock.starts) if clock.starts else (now if is_in and known is None else None)
    if start is None or (known is not None and start >= known.started_at):
        return known
    begun = started(clock.rule, start, marks=clock.warns)
    return begun if known is None else replace(begun, stopped_at=known.stopped_at)


def _of_request(clock: RequestClock, file: CaseFile, running: RunningClock) -> RunningClock:
    """The clock of a person's request with its pauses and its extension, as they stand now.

    Of marks that were told none is told again, and those that moved away are told when they come.
    """
    start = running.started_at
    first, extended = limit_of(clock.rule, start), limit_of(clock.extended, start)
    sent = file.moments.get(Moment.EXTENSION_SENT_AT)
    announced = sent if any(each.step == clock.extends for each in file.decisions) else None
    due_if_sent = partial(request_deadline, start, first, pause_days=pause_days(clock, file), extended=extended)
    unextended, due = due_if_sent(extension_sent=None), due_if_sent(extension_sent=announced)
    moved = replace(
        running,
        amount=first.amount if due == unextended else extended.amount,
        internal_due=due.internal_due,
        statutory_due=due.statutory_due,
    )
    marks = marks_of(file.case, running)
    if running.told:
        return told_at(file.case, moved, marks[min(running.told, len(marks)) - 1])
    return replace(moved, next_at=min(marks_of(file.case, moved)))


def pause_days(clock: RequestClock, file: CaseFile) -> int:
    """How many days a request waited for the person to show who they are (GDPR article 12(6)).

    From when they were asked to when they had shown it, and no longer than the state may last in which we wait.
    Whoever is asked later than we have to begin is asked with delay: that pauses nothing. Nor does an instant that
    no decision to ask stands behind.
    """
    kind = kind_of(file.case)
    asking = kind.state(clock.asking)
    received = file.moments.get(Moment.RECEIVED_AT)
    begin, wait = kind.first.limit, asking.limit if asking else None
    if received is None or begin is None or wait is None:
        return 0
    if not any(each.step == clock.asks for each in file.decisions):
        return 0
    asked_by = add_working_days(oslo_date(received), begin.amount)
    asked, shown = file.moments.get(Moment.IDENTITY_ASKED_AT), file.moments.get(Moment.IDENTIFIED_AT)
    if asked is None or oslo_date(asked) > asked_by:
        return 0
    if shown is None:
        return wait.amount if file.case.state == clock.asking else 0
    return min(max(days_between(oslo_date(asked), oslo_date(shown)), 0), wait.amount)


def _of_state(state: State, case: Case, clocks: Mapping[tuple[str, int], RunningClock]) -> RunningClock | None:
    if state.limit is None:
        return None
    rule = f"{STATE_CLOCK}{state.code}"
    stays = [each for each in clocks.values() if each.rule == rule]
    last = max(stays, key=lambda each: each.round, default=None)
    if last is not None and last.started_at == case.state_since:
        return last
    return _running(rule, case.state_since, state.limit, round_=len(stays) + 1)


def started(rule: str, start: datetime, *, marks: tuple[int, ...] = ()) -> RunningClock:
    """A clock of the whole case that starts at `start`; after so many hours, its marks, it is told that it runs."""
    return _running(rule, start, limit_of(rule, start), marks=marks)


def _running(
    rule: str, start: datetime, limit: Limit, *, round_: int = 1, marks: tuple[int, ...] = ()
) -> RunningClock:
    due = deadline(start, limit)
    return RunningClock(
        rule=rule,
        round=round_,
        started_at=start,
        amount=limit.amount,
        unit=limit.unit.value,
        calendar_version=CALENDAR_VERSION,
        internal_due=due.internal_due,
        statutory_due=due.statutory_due,
        told=0,
        next_at=min([start + timedelta(hours=hours) for hours in marks] + [due.internal_due]),
        stopped_at=None,
    )


def marks_of(case: Case, clock: RunningClock) -> tuple[datetime, ...]:
    """When the owner is told of a clock: at its warnings, and when its time is over, once or twice (C4)."""
    declared = kind_of(case).clock(clock.rule)
    warned = [clock.started_at + timedelta(hours=hours) for hours in (declared.warns if declared else ())]
    return tuple(sorted({*warned, clock.internal_due, clock.statutory_due})[:MARKS])


def told_at(case: Case, clock: RunningClock, mark: datetime) -> RunningClock:
    """The clock whose owner was told of this mark, whoever knows it and since when."""
    marks = marks_of(case, clock)
    following = next((each for each in marks if each > mark), None)
    return replace(clock, told=sum(each <= mark for each in marks), next_at=following)


def told(case: Case, clock: RunningClock, now: datetime) -> tuple[RunningClock, datetime] | None:
    """The clock after its owner was told of the newest mark that has passed, and that mark; None where none has.

    Of several that passed while nobody looked only the newest is told.
    """
    marks = marks_of(case, clock)
    passed = [each for each in marks if each <= now]
    if clock.stopped_at is not None or case.ended_at is not None or len(passed) <= clock.told:
        return None
    return told_at(case, clock, passed[-1]), passed[-1]


def digest_of(source: str, external_id: str) -> bytes:
    """By which what comes twice is known; the number itself, whatever is in it, is not kept."""
    return hashlib.sha256(f"{source}\n{external_id}".encode()).digest()


# ── steps and decisions ───────────────────────────────────────────────────────────────────────────────────────


@enforces(INCIDENTS_ARE_KEPT, CONTROLLERS_ARE_TOLD)
def take(
    file: CaseFile,
    step_code: str,
    *,
    decisive: bool,
    version: int,
    reason: str,
    late_reason: str | None,
    actor: str,
    now: datetime,
    approved_by: str | None = None,
    approval_id: UUID | None = None,
) -> tuple[Step, Change]:
    """What a named person does with a case, and why; what two sign is approved by another one.

    Raises `Conflict` where the case is no longer as it was seen, takes no such step, or would end with something
    decided and not carried out; `Invalid` where a reason or an instant is lacking.
    """
    case, kind = file.case, kind_of(file.case)
    check_version(case, version)
    step = kind.step(step_code)
    signed_by_two = approved_by is not None
    if (
        step is None
        or case.state not in step.begins
        or (step.decisive, step.two_persons) != (decisive, signed_by_two)
    ):
        raise Conflict("the case takes no such step now", details={"reason": "other_state"})
    if reason not in step.reasons:
        own = ", ".join(step.reasons)
        raise Invalid("a step has one of its own reasons", details={"reason": [f"one of {own}"]})
    if missing := lacking(file, step):
        names = [each.value for each in missing]
        raise Conflict("an instant must be entered before", details={"reason": "instant_lacking", "lacking": names})
    if step.leads in kind.ends and file.not_carried_out:
        waiting = [each.code for each in file.not_carried_out]
        raise Conflict(
            "what was decided is not carried out yet", details={"reason": "not_carried_out", "effects": waiting}
        )
    late = is_late(file, step, now)
    if late and step.decisive and late_reason is None:
        raise Invalid("what comes late says why", details={"late_reason": ["needed: the time is over"]})
    decision = Decision(
        id=new_id(),
        step=step.code,
        reason=reason,
        from_state=case.state,
        to_state=step.leads,
        decided_by=actor,
        decided_at=now,
        is_late=late,
        late_reason=late_reason if late else None,
        supersedes=file.decisions[-1].id if case.ended_at is not None else None,
        approved_by=approved_by,
        approval_id=approval_id,
    )
    return step, decided(file, step, decision)


def decided(file: CaseFile, step: Step, decision: Decision) -> Change:
    """What becomes of a case by a decision about it, when it is made or made true again.

    What leaves the case in its state, and nobody is told of, gives that state no new time.
    """
    case, now = file.case, decision.decided_at
    ended_at = now if step.leads in kind_of(case).ends else None
    stays = step.leads == case.state and not (step.effects or step.needs)
    after = replace(
        case,
        state=step.leads,
        state_since=case.state_since if stays else now,
        ended_at=ended_at,
        join_key=None if ended_at else case.join_key,
        version=case.version + 1,
    )
    ordered = tuple(ordered_by(decision, step, case.id))
    changed = replace(file, case=after, decisions=(*file.decisions, decision), effects=(*file.effects, *ordered))
    return Change(after=counted(changed, now), decision=decision, ordered=ordered)


def ordered_by(decision: Decision, step: Step, case_id: UUID) -> Iterator[Effect]:
    """What a decision has carried out, to be begun at once."""
    for code in step.effects:
        yield Effect(
            case_id=case_id,
            decision_id=decision.id,
            code=code,
            ordered_at=decision.decided_at,
            tries=0,
            next_at=decision.decided_at,
            last_error=None,
            confirmed_at=None,
        )


@enforces(INCIDENTS_ARE_KEPT)
def check_version(case: Case, version: int) -> None:
    """Raise `Conflict` where the case is no longer as whoever decides has seen it."""
    if case.version != version:
        raise Conflict("the case has changed since it was looked at", details={"reason": "other_version"})


def check_open(case: Case, version: int) -> None:
    """Raise `Conflict` where the case is no longer as it was seen, or has ended."""
    check_version(case, version)
    if case.ended_at is not None:
        raise Conflict("the case has ended", details={"reason": "ended"})


def steps_of(case: Case) -> tuple[Step, ...]:
    """What can be done with a case as it stands."""
    return tuple(each for each in kind_of(case).steps if case.state in each.begins)


def lacking(file: CaseFile, step: Step) -> tuple[Moment, ...]:
    """The instants that a step needs and nobody has entered."""
    return tuple(each for each in step.needs if each not in file.moments)


@enforces(CONTROLLERS_ARE_TOLD)
def is_late(file: CaseFile, step: Step, now: datetime) -> bool:
    """Whether the time for a step is over; for a notice to the authority, whether it was when it was given."""
    declared = kind_of(file.case).clock(step.answers) if step.answers else None
    if declared is None or _is_done(declared, file):
        return False
    clock = next((each for each in file.clocks if each.key == (declared.rule, 1)), None)
    done_at = file.moments.get(Moment.NOTIFIED_AT, now) if Moment.NOTIFIED_AT in step.needs else now
    return clock is not None and done_at > clock.statutory_due


# ── instants ──────────────────────────────────────────────────────────────────────────────────────────────────


def enter(
    file: CaseFile, name: Moment, at: datetime, *, confirmed: bool, actor: str, version: int, now: datetime
) -> Change:
    """An instant with a meaning in law, as a person tells it.

    What clocks start from moves back only, and only where whoever enters it confirms that. Raises `Invalid` for an
    instant in the future, or one that contradicts the others, and `Conflict` for one that would be later, is not
    confirmed, or in a case that has ended.
    """
    case = file.case
    check_open(case, version)
    if name in BY_LETTER:
        raise Invalid("that is known by the letter that left", details={"name": ["not entered by a person"]})
    check_past(at, now, field="at")
    known = file.moments.get(name)
    if known is not None and name in STARTING:
        if at > known:
            raise Conflict("nothing makes a clock start later", details={"reason": "later_than_known"})
        if at < known and not confirmed:
            raise Conflict("earlier knowledge has to be confirmed", details={"reason": "not_confirmed"})
    if known == at:
        raise Conflict("this instant is known already", details={"reason": "known"})
    _check_order({**file.moments, name: at}, name)
    return entered_in(file, Entered(name=name, at=at, entered_by=actor, recorded_at=now))


def entered_in(file: CaseFile, entered: Entered) -> Change:
    """What becomes of a case by an instant, when it is entered or made true again."""
    case = replace(file.case, version=file.case.version + 1)
    after = replace(file, case=case, entered=(*file.entered, entered))
    return Change(after=counted(after, entered.recorded_at), entered=(entered,))


def _check_order(moments: Mapping[Moment, datetime], name: Moment) -> None:
    """Raise `Invalid` where nobody can have known before it began, or told before anybody knew."""
    order = (
        (Moment.OCCURRED_FROM, Moment.OCCURRED_TO),
        (Moment.OCCURRED_FROM, Moment.DETECTED_AT),
        (Moment.DETECTED_AT, Moment.AWARE_AT),
        (Moment.AWARE_AT, Moment.NOTIFIED_AT),
        (Moment.RECEIVED_AT, Moment.IDENTITY_ASKED_AT),
        (Moment.IDENTITY_ASKED_AT, Moment.IDENTIFIED_AT),
        (Moment.RECEIVED_AT, Moment.EXTENSION_SENT_AT),
    )
    for earlier, later in order:
        if (
            name in (earlier, later)
            and earlier in moments
            and later in moments
            and moments[earlier] > moments[later]
        ):
            raise Invalid(
                "these instants contradict each other", details={"at": [f"{earlier.value} is after {later.value}"]}
            )


# ── joined, assigned ──────────────────────────────────────────────────────────────────────────────────────────


def joined(
    file: CaseFile,
    *,
    received_at: datetime,
    detected_at: datetime,
    signals: int,
    source: str,
    now: datetime,
    is_news: bool = True,
    confirmed: bool = True,
) -> Change:
    """A case that has taken in another alarm: the earliest receipt counts, and no clock is reset.

    It is another version where that is news: it names somebody more, or was noticed earlier. A storm of the same
    stops nobody who decides. What a person says was noticed earlier has to be `confirmed`, for the clocks start
    earlier then: raises `Conflict` where it is not.
    """
    known = file.moments.get(Moment.DETECTED_AT)
    entered: tuple[Entered, ...] = ()
    if known is None or detected_at < known:
        if known is not None and not confirmed:
            raise Conflict("earlier knowledge has to be confirmed", details={"reason": "not_confirmed"})
        entered = (Entered(name=Moment.DETECTED_AT, at=detected_at, entered_by=source, recorded_at=now),)
    case = replace(
        file.case,
        signals=file.case.signals + signals,
        received_at=min(file.case.received_at, received_at),
        version=file.case.version + int(is_news or bool(entered)),
    )
    after = replace(file, case=case, entered=(*file.entered, *entered))
    return Change(after=counted(after, now), entered=entered)


def checked(case: Case, *, version: int) -> Case:
    """The case after a person has looked what a restore has lost of it. Raises `Conflict` where that is nothing."""
    check_version(case, version)
    if case.restored_at is None:
        raise Conflict("no restore has touched it", details={"reason": "not_restored"})
    return replace(case, restored_at=None, version=case.version + 1)


def assigned(case: Case, owner: str, *, version: int) -> Case:
    """The case with another owner. Raises `Conflict` where it has ended, or is no longer as it was seen."""
    check_open(case, version)
    return replace(case, owner=owner, version=case.version + 1)
