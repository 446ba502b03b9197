"""Computes whom a breach concerns: account says who was there, audit who logged in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from services.account.affected.calls import NAMED_MOST, PAGE_MOST, Affected, AffectedSubject
from services.audit.logins.calls import LOGGED_IN_MOST, LoggedIn, LoggedInUser
from services.cases.affected import calls, rules, store
from services.cases.affected.events import BreachListFrozen
from services.cases.affected.values import LISTED_MOST, AffectedList, Scope, Subject
from services.cases.decisions.calls import CaseChanged
from services.cases.engine import registers
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.events import numbered
from services.registers.engine.events import RegisterChanged
from shared import log, tombstones
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date
from shared.calls import Caller, pages
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Internal, Permanent, Refused, Transient
from shared.events import Code, Received
from shared.identifiers import derived_id, new_id

AGREEMENT: Final = "security_notice_agreement"
PAGES_MOST: Final = LISTED_MOST // PAGE_MOST
LISTS_A_ROUND: Final = 5
ROUNDS: Final = 50
PARTS_A_ROUND: Final = 20
TOO_MANY: Final = "there are more customers than a list holds"
LATE_AFTER: Final = timedelta(minutes=5)
"""What is not computed by then is for a person to look at, though it is tried on."""
Subjects = list[Subject]
S = TypeVar("S")

logger = log.get("cases.affected")


@dataclass(kw_only=True, eq=False)
class AffectedLists(Feature):
    """Makes lists. What is asked for is a row, so whoever computes it may be killed: the next round does it."""

    database: Database
    clock: Clock
    caller: Caller

    @answers(calls.ComputeAffected)
    def compute_affected(self, call: calls.ComputeAffected, tx: Transaction) -> CaseChanged:
        """Have a list computed, instead of one that nothing rests on."""
        now, scope = self.clock.now(), Scope(call.scope)
        file = cases.lock(tx, call.case_id)
        engine.check_open(file.case, call.version)
        newest = store.newest(tx, call.case_id)
        is_frozen = newest is not None and newest.decision_id is not None
        rules.check_state(file.case.kind, file.case.state, is_frozen=is_frozen)
        rules.check_scope(file.case.kind, scope, call.as_of, now)
        rules.check_criteria(scope, call.as_of, call.window_from, call.window_to, now)
        asked = AffectedList(
            id=new_id(),
            case_id=call.case_id,
            scope=scope,
            as_of=call.as_of,
            window_from=call.window_from,
            window_to=call.window_to,
            asked_by=str(call.actor),
            asked_at=now,
            computed_at=None,
            customers=None,
            persons=None,
            decision_id=None,
        )
        store.ask(tx, asked)
        case = cases.raise_version(tx, file.case)
        return CaseChanged(case_id=case.id, version=case.version, state=case.state)

    @every(seconds=1)
    def compute_lists(self) -> None:
        """Compute the lists that were asked for. Two processes that do the same come to the same end."""
        with self.database.transaction() as tx:
            waiting = store.waiting(tx, limit=LISTS_A_ROUND)
            named = {each.id: store.named(tx, each.case_id) for each in waiting if each.scope is Scope.CASE}
        for asked in waiting:
            try:
                subjects, left_out = self._found(asked, named.get(asked.id, []))
            except (Transient, Refused, Permanent, Internal) as error:  # whom another list asks may answer
                logger.warning("whom a breach concerns is not known yet", case_id=asked.case_id, exc_info=error)
                continue
            self._keep(asked, subjects, left_out)

    @every(seconds=1)
    def tell_frozen_lists(self) -> None:
        """Have the ledger know whom a decision rests on: a list is some lines, each with a part of it."""
        for _ in range(ROUNDS):
            with self.database.transaction() as tx:
                frozen = store.untold(tx)
                if frozen is None or frozen.parts is None:
                    return
                until = min(frozen.parts_told + PARTS_A_ROUND, frozen.parts)
                with acting_as(frozen.asked_by):
                    for part in range(frozen.parts_told, until):
                        _tell(tx, frozen, part, self.clock.now())
                store.told(tx, frozen.id, until)

    @handles(RegisterChanged)
    def note_agreement(self, message: Received[RegisterChanged], tx: Transaction) -> None:
        """An agreement has changed: a list by agreements that nothing rests on is looked at again."""
        if message.event.kind == AGREEMENT:
            store.agreement_changed(tx)

    def _keep(self, asked: AffectedList, subjects: Subjects, left_out: int | None) -> None:
        """Fill a list, unless another process has.

        Whom a notice goes to is what two persons sign: where a list by agreements comes to name others, its case is
        another version.
        """
        with self.database.transaction() as tx:
            case = cases.lock(tx, asked.case_id).case  # before its list, as whoever asks for another one does
            current = store.lock(tx, asked.id)
            if current is None or current.counts or current.decision_id is not None:
                return
            standing = store.without_erased(tx, subjects)
            store.seen(tx, asked.id, asked.changes)
            known = None if current.computed_at is None else store.subjects(tx, asked.id)
            if known == set(standing) and current.left_out == left_out:
                return
            counts = rules.counted(standing)
            store.fill(tx, asked.id, standing, counts, self.clock.now(), left_out=left_out)
            if asked.scope is Scope.AGREEMENTS:
                cases.raise_version(tx, case)
        logger.info("whom a breach concerns is computed", case_id=current.case_id, customers=counts[0])

    def _found(self, asked: AffectedList, named: Subjects) -> tuple[Subjects, int | None]:
        """Whom a list names, and for one by agreements how many customers it leaves out."""
        if asked.scope is Scope.AGREEMENTS:
            return self._holders(asked)
        return self._subjects(asked, named), None

    def _subjects(self, asked: AffectedList, named: Subjects) -> Subjects:
        if asked.scope is Scope.LOGINS:
            return [*self._logged_in(asked)]
        if asked.scope is not Scope.CASE:
            return list(self._present(asked))
        found = rules.narrowed(self._present_of(asked, {account_id for account_id, _ in named}), named)
        if len(found) > LISTED_MOST:
            raise Permanent(TOO_MANY)
        return found

    def _holders(self, asked: AffectedList) -> tuple[Subjects, int]:
        """Whom the agreements name that count on the day, and how many customers are left out.

        An agreement can count for longer than its customer is active, and nobody there is told then (L17).
        """
        records = registers.all_counting(self.caller, AGREEMENT, oslo_date(asked.as_of))
        named = {
            each.account_id: [UUID(user_id) for user_id in each.fields.get("recipients", "").split()]
            for each in records
            if each.account_id is not None
        }
        active = [
            (each.account_id, each.user_id, each.is_owner)
            for part in _in_parts(named)
            for each in self._shown(asked, part, active_only=True)
        ]
        return rules.holders(named, active), len(named.keys() - {account_id for account_id, *_ in active})

    def _present_of(self, asked: AffectedList, account_ids: Collection[UUID]) -> Iterator[Subject]:
        for part in _in_parts(account_ids):
            yield from self._present(asked, part)

    def _present(self, asked: AffectedList, account_ids: tuple[UUID, ...] = ()) -> Iterator[Subject]:
        yield from map(_subject, self._shown(asked, account_ids))

    def _shown(
        self, asked: AffectedList, account_ids: tuple[UUID, ...], *, active_only: bool = False
    ) -> Iterator[AffectedSubject]:
        """Who was there at the instant, of these customers or of all, page by page."""

        def page_after(after: Subject | None) -> Sequence[AffectedSubject]:
            account_id, user_id = after or (None, None)
            page = Affected(
                as_of=asked.as_of,
                account_ids=account_ids,
                active_only=active_only,
                after_account=account_id,
                after_user=user_id,
            )
            return self.caller.ask(page).subjects

        following = partial(_following, most=PAGE_MOST)
        for page in pages(page_after, following, most=PAGES_MOST, too_many=TOO_MANY):
            yield from page

    def _logged_in(self, asked: AffectedList) -> Iterator[Subject]:
        """Who logged in, page by page, as far as they were there at the instant."""
        present = set(self._present(asked))
        begin, end = asked.window_from, asked.window_to
        if begin is None or end is None:
            raise RuntimeError("a list by logins has a window")

        def page_after(after: Subject | None) -> Sequence[LoggedInUser]:
            account_id, user_id = after or (None, None)
            return self.caller.ask(
                LoggedIn(from_=begin, to=end, after_account=account_id, after_user=user_id)
            ).users

        following = partial(_following, most=LOGGED_IN_MOST)
        for page in pages(
            page_after, following, most=PAGES_MOST, too_many="there are more logins than a list holds"
        ):
            yield from (each for each in map(_subject, page) if each in present)

    @every(seconds=3600, irreversible=True)
    def forget_erased_marks(self) -> None:
        """Forget who was erased once no backup can bring them back."""
        with self.database.transaction() as tx:
            store.forget_marks(tx, tombstones.forgotten_before(self.clock.now()))

    @alarm("affected_not_computed", says="lists of whom a breach concerns that wait", act="vilkar case list")
    def not_computed(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Account or audit do not answer."""
        waiting = [each for each in store.waiting(tx, limit=LISTS_A_ROUND) if each.computed_at is None]
        late = [each for each in waiting if now - each.asked_at > LATE_AFTER]
        return Waiting(len(late), late[0].asked_at) if late else None


def _in_parts(account_ids: Collection[UUID]) -> Iterator[tuple[UUID, ...]]:
    """Customers, as many at a time as account takes."""
    ordered = sorted(account_ids)
    for begin in range(0, len(ordered), NAMED_MOST):
        yield tuple(ordered[begin : begin + NAMED_MOST])


def _subject(each: AffectedSubject | LoggedInUser) -> Subject:
    return each.account_id, each.user_id


def _following(page: Sequence[AffectedSubject | LoggedInUser], most: int) -> Subject | None:
    """After whom the next page begins; a page that is not full is the last one."""
    return _subject(page[-1]) if len(page) >= most else None


def _tell(tx: Transaction, frozen: AffectedList, part: int, now: datetime) -> None:
    subjects = store.of_part(tx, frozen.id, part)
    by_user = sorted(subjects, key=lambda each: each[1] is None)  # those of a user first, as the event has them
    tx.outbox.add(
        BreachListFrozen(
            case_id=frozen.case_id,
            list_id=frozen.id,
            decision_id=_sure(frozen.decision_id),
            part=numbered(part),
            parts=numbered(_sure(frozen.parts)),
            scope=Code(frozen.scope),
            as_of=frozen.as_of,
            window_from=frozen.window_from,
            window_to=frozen.window_to,
            asked_at=frozen.asked_at,
            computed_at=_sure(frozen.computed_at),
            customers=numbered(_sure(frozen.customers)),
            persons=numbered(_sure(frozen.persons)),
            left_out=None if frozen.left_out is None else numbered(frozen.left_out),
            account_ids=[account_id for account_id, _ in by_user],
            user_ids=[user_id for _, user_id in by_user if user_id is not None],
        ),
        now=now,
        event_id=derived_id(BreachListFrozen.type, frozen.id, part),
    )


def _sure(value: S | None) -> S:
    if value is None:
        raise Permanent("a list that is frozen was computed")
    return value
