"""What the ledger says of notices after a restore: what was decided stands, and who was told is not told again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.affected.values import Subject
from services.cases.engine import store as cases
from services.cases.engine.events import number_in, numbered
from services.cases.engine.values import Link
from services.cases.notices import rules, store
from services.cases.notices.events import BreachNoticeDecided, BreachRecipientsFollowed
from services.cases.notices.values import CODES, Audience, Mark, Notice
from services.cases.restore import store as ledger
from shared import log
from shared.actor import staff_actor, staff_code
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Permanent
from shared.events import Code
from shared.identifiers import derived_id
from shared.privacy.ledger_lines import Entry, kind_of

NAMES = {name: "kinds_of_data" if name == "data" else name for name in CODES}
"""What the event calls the codes of a notice: `data` is what each event has."""

logger = log.get("cases.notices")


def fact_of(notice: Notice) -> BreachNoticeDecided:
    """What the ledger gets of a notice that was decided."""
    list_id, decision_id = notice.list_id, notice.decision_id
    decided_at, recipients = notice.decided_at, notice.recipients
    if list_id is None or decision_id is None or decided_at is None or recipients is None:
        raise Permanent("a notice that was decided has a list and a decision")
    return BreachNoticeDecided(
        case_id=notice.case_id,
        notice_id=notice.id,
        list_id=list_id,
        decision_id=decision_id,
        decided_at=decided_at,
        number=numbered(notice.number),
        audience=Code(notice.audience),
        records=None if notice.records is None else numbered(notice.records),
        staff_code=Code(staff_code(notice.drafted_by)),
        drafted_at=notice.drafted_at,
        late_reason=Code(notice.late_reason) if notice.late_reason else None,
        recipients=numbered(recipients),
        attempts=None if notice.attempts is None else numbered(notice.attempts),
        breaches=None if notice.breaches is None else numbered(notice.breaches),
        **{NAMES[name]: [Code(each) for each in getattr(notice, name)] for name in CODES},
    )


def notice_of(event: BreachNoticeDecided) -> Notice:
    """The notice of which the ledger says that it was decided."""
    codes: dict[str, Any] = {name: tuple(getattr(event, NAMES[name]) or ()) for name in CODES}
    return Notice(
        id=event.notice_id,
        case_id=event.case_id,
        list_id=event.list_id,
        decision_id=event.decision_id,
        decided_at=event.decided_at,
        number=number_in(event.number),
        audience=Audience(event.audience),
        records=None if event.records is None else number_in(event.records),
        drafted_by=staff_actor(event.staff_code),
        drafted_at=event.drafted_at,
        late_reason=event.late_reason,
        recipients=number_in(event.recipients),
        attempts=None if event.attempts is None else number_in(event.attempts),
        breaches=None if event.breaches is None else number_in(event.breaches),
        **codes,
    )


class NoticeReplay:
    """Makes notices true again, with whom they go to and how far that has come."""

    facts = frozenset({kind_of(BreachNoticeDecided), kind_of(BreachRecipientsFollowed)})

    def __init__(self, clock: Clock) -> None:
        """By `clock` a case says when it was made true again."""
        self._clock = clock

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make it true, unless it is; nothing is published anew."""
        if entry.kind == kind_of(BreachNoticeDecided):
            self._decide(tx, entry.event(BreachNoticeDecided), entry.at)
        else:
            self._follow(tx, entry.event(BreachRecipientsFollowed))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing contradicts it: a notice is decided, and no mark of a recipient is lacking."""
        if entry.kind == kind_of(BreachNoticeDecided):
            event = entry.event(BreachNoticeDecided)
            found = store.get(tx, event.notice_id)
            return found.decision_id is not None if found else not store.is_there(tx, event.list_id)
        followed = entry.event(BreachRecipientsFollowed)
        if followed.failure_case_id is not None and not cases.is_there(tx, followed.failure_case_id):
            return True
        rows = [store.get_recipient(tx, id_) for id_, *_ in followed.recipients()]
        return all(row[f"{followed.mark}_at"] is not None for row in rows if row is not None)

    def _decide(self, tx: Transaction, event: BreachNoticeDecided, at: datetime) -> None:
        decided = notice_of(event)
        if not cases.is_there(tx, decided.case_id) or not store.is_there(tx, event.list_id):
            logger.error("a notice of which the case or the list is not there", case_id=decided.case_id)
            return
        found = store.get(tx, decided.id)
        if ledger.keep(tx, decided.id, decided.case_id, at):
            cases.hasten(tx, event.decision_id, self._clock.now())  # its letters wait for the ledger to have it
        if found is not None and found.decision_id is not None:
            return
        if found is None:
            store.draft(tx, decided)
        store.decide(tx, decided, rules.recipients_of(decided.audience, store.subjects(tx, event.list_id)))
        self._touched(tx, decided.case_id, decided.id)

    def _follow(self, tx: Transaction, event: BreachRecipientsFollowed) -> None:
        mark, lost = Mark(event.mark), False
        for id_, account_id, user_id, at in event.recipients():
            row = store.lock_recipient(tx, id_)
            if row is None:  # erased since, or gone
                continue
            if row[f"{mark.value}_at"] is None or (mark is Mark.FAILED and row["failure_case_id"] is None):
                lost = True
                store.was_ordered(tx, id_, derived_id(event.type, event.notice_id), at)
                self._note(tx, event, id_, (account_id, user_id), at)
            store.drop_mark(tx, id_, mark)
        if lost:
            self._touched(tx, event.case_id, event.notice_id)

    @staticmethod
    def _note(tx: Transaction, event: BreachRecipientsFollowed, id_: UUID, whom: Subject, at: datetime) -> None:
        mark, failure = Mark(event.mark), event.failure_case_id
        if mark is not Mark.FAILED:
            sent_at, told_at = (at if mark is each else None for each in (Mark.SENT, Mark.TOLD))
            store.note(tx, id_, sent_at=sent_at, told_at=told_at)
            return
        if failure is None or not cases.is_there(tx, failure):
            logger.error("the case in which a person tells a customer is not there", case_id=event.case_id)
            return
        store.note(tx, id_, failed_at=at, reason=event.reason, failure_case_id=failure)
        opened_at = cases.get(tx, failure).case.opened_at
        cases.add_subjects(tx, failure, (whom[0],), (whom[1],) if whom[1] else (), opened_at)
        cases.link(tx, event.case_id, Link.PROMOTED_TO, failure, opened_at)

    def _touched(self, tx: Transaction, case_id: UUID, notice_id: UUID) -> None:
        now = self._clock.now()
        store.restored(tx, notice_id, now)
        ledger.touched(tx, case_id, now)
