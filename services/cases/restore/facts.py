"""What the ledger says of cases after a restore: what was opened, entered, decided and told is so again.

Each fact is replayed by the rule by which it came about, at the instant at which it did, so the clocks run on as
they did. No fact says whom a case is about, nor how many alarms were joined in it: a case that was touched tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.cases.engine import opening, rules, store
from services.cases.engine.events import (
    CaseAssigned,
    CaseClockPassed,
    CaseEffectConfirmed,
    CaseFact,
    CaseInstantEntered,
    CaseOpened,
    CaseStepTaken,
)
from services.cases.engine.values import OF_MACHINES, CaseFile, Decision, Entered, Link
from services.cases.kinds.table import BY_VERSION
from services.cases.kinds.values import Moment
from services.cases.restore import store as ledger
from shared import log
from shared.actor import staff_actor
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Permanent
from shared.privacy.ledger_lines import Entry, Happening, kind_of

logger = log.get("cases.facts")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about one case: the event, who acted, when it happened, and the version of the case by it.

    `restored_at` is now: when it is made true again.
    """

    event: CaseFact
    actor: str
    at: datetime
    version: int
    restored_at: datetime


class CaseFacts:
    """Makes true again what the ledger knows of cases."""

    def __init__(self, clock: Clock) -> None:
        """By `clock` a case says when it was made true again."""
        self._clock = clock
        self._replays: Mapping[type[CaseFact], Callable[[Transaction, CaseFile, Fact], bool]] = {
            CaseInstantEntered: _enter,
            CaseStepTaken: _take,
            CaseAssigned: _assign,
            CaseClockPassed: _tell,
            CaseEffectConfirmed: _confirm,
        }
        known: tuple[type[CaseFact], ...] = (CaseOpened, *self._replays)
        self._classes = {kind_of(each): each for each in known}
        self.facts = frozenset(self._classes)

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make it true, unless it is; nothing is published anew."""
        fact = self._fact(entry)
        case_id = fact.event.case_id
        if isinstance(fact.event, CaseOpened):
            if not store.is_there(tx, case_id):
                _open(tx, fact.event, fact)
                _touch(tx, fact, 0)
            ledger.keep(tx, case_id, case_id, entry.at)
        elif store.is_there(tx, case_id):
            self._follow(tx, fact)
        else:
            logger.error("a fact about a case that no fact opened", case_id=case_id, kind=entry.kind)

    def _follow(self, tx: Transaction, fact: Fact) -> None:
        file = store.lock(tx, fact.event.case_id)
        if self._replays[type(fact.event)](tx, file, fact):
            _touch(tx, fact, file.case.version)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it holds, or nothing was ever said of the case that it is about."""
        fact = self._fact(entry)
        if not store.is_there(tx, fact.event.case_id):
            return not isinstance(fact.event, CaseOpened)
        return _holds(store.lock(tx, fact.event.case_id), fact)

    def _fact(self, entry: Entry) -> Fact:
        happening = happening_of(entry)
        event = entry.event(self._classes[entry.kind])
        return Fact(event, entry.actor, happening.since, happening.sequence or 0, self._clock.now())


def _touch(tx: Transaction, fact: Fact, version: int) -> None:
    """Several facts may come of one change: the version of a case is what they say, and not how many they are."""
    case = store.lock(tx, fact.event.case_id).case
    store.save_case(tx, replace(case, version=max(version, fact.version), restored_at=fact.restored_at))


def happening_of(entry: Entry) -> Happening:
    """What a fact about a case says of its event."""
    if entry.happening is None:
        raise Permanent("a fact about a case is an event")
    return entry.happening


def _open(tx: Transaction, event: CaseOpened, fact: Fact) -> None:
    kind = BY_VERSION.get((event.kind, int(event.kind_version.removeprefix("v"))))
    if kind is None:
        raise Permanent(f"there is no kind of case {event.kind} {event.kind_version}")
    opened = rules.opened(
        kind,
        opened_by=event.opened_by,
        signal=event.signal,
        received_at=event.received_at,
        entered=(),
        owner=_staff(event.staff_code),
        now=fact.at,
        join_key=event.join_key,
        case_id=event.case_id,
    )
    store.add(tx, opened)
    if event.from_case_id is None:
        return
    if not store.is_there(tx, event.from_case_id):
        logger.error("the case that it followed from is not there", case_id=event.case_id)
    elif event.opened_by in OF_MACHINES:
        store.link(tx, event.from_case_id, Link.CONTINUED_IN, event.case_id, fact.at)
    else:
        opening.tie(tx, event.from_case_id, event.case_id, fact.at)


def _enter(tx: Transaction, file: CaseFile, fact: Fact) -> bool:
    entered = _entered(fact)
    if entered in file.entered:
        return False
    store.save(tx, rules.entered_in(file, entered))
    return True


def _take(tx: Transaction, file: CaseFile, fact: Fact) -> bool:
    event = fact.event
    if not isinstance(event, CaseStepTaken) or any(each.id == event.decision_id for each in file.decisions):
        return False
    step = rules.kind_of(file.case).step(event.step)
    if step is None:
        raise Permanent(f"there is no step {event.step} in cases of this kind")
    decision = Decision(
        id=event.decision_id,
        step=event.step,
        reason=event.reason,
        from_state=file.case.state,
        to_state=event.state,
        decided_by=fact.actor,
        decided_at=fact.at,
        is_late=event.timing == "late",
        late_reason=event.late_reason,
        supersedes=file.decisions[-1].id if file.case.ended_at is not None and file.decisions else None,
        approved_by=_staff(event.approved_by),
        approval_id=event.approval_id,
    )
    change = rules.decided(file, step, decision)
    store.save(tx, change)
    if event.other_case_id is not None:
        _join(tx, change.after, event.other_case_id, fact)
    return True


def _join(tx: Transaction, file: CaseFile, other_id: UUID, fact: Fact) -> None:
    step = rules.kind_of(file.case).step(file.decisions[-1].step)
    if step is None or not store.is_there(tx, other_id):
        logger.error("the case that took it in is not there", case_id=file.case.id)
        return
    link = opening.link_of(file, step)
    if not store.is_linked(tx, file.case.id, link, other_id):
        other = store.lock(tx, other_id)
        after = opening.join(tx, file, other, link, fact.at).after.case
        # An instant that it knows by that is a fact of its own, and so is what made its version.
        store.save_case(tx, replace(after, version=other.case.version, restored_at=fact.restored_at))


def _assign(tx: Transaction, file: CaseFile, fact: Fact) -> bool:
    event, case = fact.event, file.case
    if not isinstance(event, CaseAssigned) or case.version >= fact.version:
        return False
    store.save_case(tx, replace(case, owner=_staff(event.staff_code)))
    return True


def _tell(tx: Transaction, file: CaseFile, fact: Fact) -> bool:
    event = fact.event
    found = [
        (each, rules.told_at(file.case, each, event.mark))
        for each in file.clocks
        if isinstance(event, CaseClockPassed) and each.rule == event.rule and each.started_at == event.started_at
    ]
    later = [told for clock, told in found if told.told > clock.told]
    store.save_clocks(tx, file.case.id, later)
    return bool(later)


def _confirm(tx: Transaction, file: CaseFile, fact: Fact) -> bool:
    event = fact.event
    found = [
        replace(each, next_at=None, last_error=None, confirmed_at=fact.at)
        for each in file.not_carried_out
        if isinstance(event, CaseEffectConfirmed)
        and (each.decision_id, each.code) == (event.decision_id, event.effect)
    ]
    for each in found:
        store.save_effect(tx, each)
    return bool(found)


def _holds(file: CaseFile, fact: Fact) -> bool:
    """Whether nothing in a case contradicts a fact about it."""
    event, case = fact.event, file.case
    match event:
        case CaseInstantEntered():
            return _entered(fact) in file.entered
        case CaseStepTaken():
            return any(each.id == event.decision_id for each in file.decisions)
        case CaseAssigned():
            return case.version >= fact.version
        case CaseClockPassed():
            same = [each for each in file.clocks if (each.rule, each.started_at) == (event.rule, event.started_at)]
            return all(each.told >= rules.told_at(case, each, event.mark).told for each in same)
        case CaseEffectConfirmed():
            of_it = [each for each in file.effects if each.decision_id == event.decision_id]
            return all(each.confirmed_at is not None for each in of_it if each.code == event.effect)
        case _:
            return True


def _entered(fact: Fact) -> Entered:
    event = fact.event
    if not isinstance(event, CaseInstantEntered):
        raise Permanent("a fact about an instant names one")
    by = _staff(event.staff_code) or event.told_by
    if by is None:
        raise Permanent("a fact about an instant names who told it")
    return Entered(name=Moment(event.instant), at=event.at, entered_by=by, recorded_at=fact.at)


def _staff(code: str | None) -> str | None:
    return staff_actor(code) if code else None
