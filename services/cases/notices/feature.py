"""Notices of breaches: drafted, decided with the list they go to, and followed until each recipient was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.account.affected.calls import Affected
from services.cases.affected.values import AffectedList
from services.cases.decisions.calls import CaseChanged
from services.cases.engine import opening
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.opening import OnDuty
from services.cases.engine.values import CaseFile, Change, Link, Signal
from services.cases.kinds.breach import FREEZE, TELL_CUSTOMERS, TELL_PERSONS
from services.cases.kinds.contact_failure import CONTACT_FAILURE, REACHED
from services.cases.kinds.security_notice import ALL_REACHED, SECURITY_NOTICE, TELL_HOLDERS
from services.cases.kinds.values import Moment, Step
from services.cases.notices import calls, rules, store
from services.cases.notices.events import BreachNoticeDecided, BreachRecipientsFollowed
from services.cases.notices.facts import fact_of
from services.cases.notices.order_letters import order_again
from services.cases.notices.values import CODES, GONE, LETTERS, Audience, Mark, Notice
from services.notification.history.calls import OUTCOMES_MOST, BreachOutcome, BreachOutcomes
from services.notification.letter_lifecycle.events import (
    LetterEvent,
    NotificationDelivered,
    NotificationSent,
    NotificationUnreachable,
)
from shared import log
from shared.bus import Feature, answers, every, handles
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, NotFound, Transient
from shared.events import Code, Received
from shared.identifiers import derived_id, new_id

AUDIENCE_OF = {
    TELL_CUSTOMERS: Audience.CUSTOMERS,
    TELL_PERSONS: Audience.PERSONS,
    TELL_HOLDERS: Audience.HOLDERS,
}
NOT_REACHED = "no_recipient"
GONE_A_ROUND = 50
MARKED = 25
"""Recipients of one mark, as many as a line of the ledger holds with their instants."""
FACTS_A_ROUND = 100

logger = log.get("cases.notices")


@dataclass(kw_only=True, eq=False)
class Notices(Feature):
    """Keeps what is told to whom. `newest_list`, `freeze`, `lists_of` and `persons_of` are of the room of lists."""

    database: Database
    clock: Clock
    caller: Caller
    on_duty: OnDuty
    newest_list: Callable[[Transaction, UUID], AffectedList | None]
    freeze: Callable[[Transaction, UUID, UUID], None]
    lists_of: Callable[[Transaction, UUID], list[Row]]
    persons_of: Callable[[Transaction, UUID, UUID], int]

    # ── drafted and decided ───────────────────────────────────────────────────────────────────────────────────

    @answers(calls.DraftNotice)
    def draft_notice(self, call: calls.DraftNotice, tx: Transaction) -> CaseChanged:
        """Draft what is told; the draft before it is replaced."""
        now, audience = self.clock.now(), Audience(call.audience)
        file = cases.lock(tx, call.case_id)
        engine.check_open(file.case, call.version)
        rules.check_audience(audience, file.case.kind, file.case.state)
        notice = Notice(
            id=new_id(),
            case_id=call.case_id,
            number=_next_number(tx, call.case_id, audience),
            audience=audience,
            records=call.records,
            drafted_by=str(call.actor),
            drafted_at=now,
            **{name: getattr(call, name) for name in CODES},
        )
        rules.check_draft(notice)
        return _keep_draft(tx, file, notice)

    @answers(calls.OpenSecurityNotice)
    def open_security_notice(self, call: calls.OpenSecurityNotice, tx: Transaction) -> CaseChanged:
        """Open a case by which holders of an agreement are told."""
        now = self.clock.now()
        opened = engine.opened(
            SECURITY_NOTICE,
            opened_by="staff",
            signal=Signal.OTHER,
            received_at=now,
            entered=(),
            owner=str(call.actor),
            now=now,
        )
        opening.keep_new(tx, opened, now)
        case = opened.after.case
        return CaseChanged(case_id=case.id, version=case.version, state=case.state, opened=(case.id,))

    @answers(calls.DraftSecurityNotice)
    def draft_security_notice(self, call: calls.DraftSecurityNotice, tx: Transaction) -> CaseChanged:
        """Draft what holders of an agreement are told; the draft before it is replaced."""
        file = cases.lock(tx, call.case_id)
        engine.check_open(file.case, call.version)
        rules.check_audience(Audience.HOLDERS, file.case.kind, file.case.state)
        notice = Notice(
            id=new_id(),
            case_id=call.case_id,
            number=_next_number(tx, call.case_id, Audience.HOLDERS),
            audience=Audience.HOLDERS,
            natures=call.changes,
            causes=call.found_by,
            groups=(),
            data=(),
            records=None,
            consequences=call.consequences,
            measures=call.plans,
            advice=(),
            unknown=(),
            attempts=call.attempts,
            breaches=call.breaches,
            drafted_by=str(call.actor),
            drafted_at=self.clock.now(),
        )
        rules.check_security_draft(notice)
        return _keep_draft(tx, file, notice)

    def follow(self, tx: Transaction, change: Change, step: Step) -> None:
        """What a decision settles beside the case itself, in its own transaction.

        The list is frozen with it, and so is the notice that it sends. Raises `Conflict` where one of them is
        lacking, or a case would end although somebody was not told, or its last notice promised more.
        """
        if change.decision is None:
            return
        file, decision_id = change.after, change.decision.id
        if step.code == FREEZE:
            self.freeze(tx, self._computed(tx, file).id, decision_id)
        for effect in step.effects:
            if effect in AUDIENCE_OF:
                self._decide(tx, change, AUDIENCE_OF[effect])
        if step.code == ALL_REACHED:
            rules.check_all_reached(store.not_reached(tx, file.case.id))
        if file.case.ended_at is not None:
            rules.check_followed_up(each for each in store.of_case(tx, file.case.id) if each.decision_id)
            rules.check_all_told(step.reasons, change.decision.reason, store.not_told(tx, file.case.id))
        if file.case.kind == CONTACT_FAILURE.code and step.code == REACHED:
            recipient = store.of_failure(tx, file.case.id)
            if recipient is not None:
                told_at = file.moments.get(Moment.NOTIFIED_AT, change.decision.decided_at)
                store.note(tx, recipient, told_at=told_at)

    def _computed(self, tx: Transaction, file: CaseFile) -> AffectedList:
        found = self.newest_list(tx, file.case.id)
        if found is None or not found.counts:
            raise Conflict("whom it concerns is not computed", details={"reason": "list_lacking"})
        return found

    def _decide(self, tx: Transaction, change: Change, audience: Audience) -> None:
        file, decision = change.after, change.decision
        if decision is None:
            return
        listed = self._computed(tx, file)
        drafts = [each for each in store.of_case(tx, file.case.id) if each.audience is audience]
        draft = next((each for each in drafts if each.decision_id is None), None)
        if audience is Audience.HOLDERS:
            notice = rules.check_holders(draft, listed, approved_by=decision.approved_by, now=decision.decided_at)
        else:
            notice = rules.check_ready(draft, reason=decision.reason, listed=listed.customers)
        recipients = rules.recipients_of(audience, store.subjects(tx, listed.id))
        decided = replace(
            notice,
            decision_id=decision.id,
            decided_at=decision.decided_at,
            late_reason=decision.late_reason,
            list_id=listed.id,
            recipients=len(recipients),
        )
        store.decide(tx, decided, recipients)
        self.freeze(tx, listed.id, decision.id)

    # ── for whoever writes the letter ─────────────────────────────────────────────────────────────────────────

    @answers(calls.NoticeFacts)
    def notice_facts(self, call: calls.NoticeFacts) -> calls.NoticeSaid:
        """What a letter says; nobody is told who is not on the list that was frozen with the decision."""
        with self.database.transaction() as tx:
            recipient = store.recipient(tx, call.notice_id, call.account_id, call.user_id)
            notice = store.get(tx, call.notice_id) if recipient is not None else None
            if notice is None or notice.list_id is None:
                raise NotFound("there is nobody to be told this")
            file = cases.get(tx, notice.case_id)
            persons = self.persons_of(tx, notice.list_id, call.account_id)
        moments = file.moments
        return calls.NoticeSaid.of(
            notice,
            reference=file.case.reference,
            persons=persons,
            occurred_from=moments.get(Moment.OCCURRED_FROM),
            occurred_to=moments.get(Moment.OCCURRED_TO),
            aware_at=moments.get(Moment.AWARE_AT),
        )

    # ── followed ──────────────────────────────────────────────────────────────────────────────────────────────

    @handles(NotificationSent)
    def note_sent(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The letter of a recipient has left."""
        self._note(tx, message, sent_at=message.time)

    @handles(NotificationDelivered)
    def note_told(self, message: Received[NotificationDelivered], tx: Transaction) -> None:
        """The letter of a recipient has arrived: the customer is aware from then on (EDPB 9/2022).

        Its own 72 hours do not wait for us to hear of it.
        """
        self._note(tx, message, told_at=min(message.event.delivered_at or message.time, message.time))

    def _note(
        self,
        tx: Transaction,
        message: Received[Any],
        *,
        sent_at: datetime | None = None,
        told_at: datetime | None = None,
    ) -> None:
        recipient = self._recipient(tx, message)
        if recipient is not None:
            store.note(tx, recipient["id"], sent_at=sent_at, told_at=told_at)

    @handles(NotificationUnreachable)
    def note_unreachable(self, message: Received[NotificationUnreachable], tx: Transaction) -> None:
        """No letter reaches a recipient, whoever of it was tried: a person tells it another way."""
        recipient = self._recipient(tx, message)
        if recipient is None:
            return
        if recipient["told_at"] is not None or recipient["failed_at"] is not None:
            return
        reason = str(message.event.reason)
        if reason == GONE:  # account is asked whether that is so, before anybody is taken off a list
            store.note(tx, recipient["id"], failed_at=message.time, reason=GONE)
        else:
            self._leave_to_a_person(tx, recipient, message.time, reason)

    @every(seconds=60)
    def ask_about_silent(self) -> None:
        """Ask notification about those of whom nothing was heard: a restore may have lost it, here or there."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            silent = {row["id"]: row for row in store.silent(tx, now, limit=OUTCOMES_MOST)}
            store.asked(tx, list(silent), now)
        if not silent:
            return
        try:
            outcomes = self.caller.ask(BreachOutcomes(recipient_ids=tuple(silent))).outcomes
        except Transient as error:  # they are asked for again
            logger.warning("what has become of letters is not known yet", exc_info=error)
            return
        for each in outcomes:
            with self.database.transaction() as tx:
                self._take_in(tx, each)
        unknown = [row for id_, row in silent.items() if id_ not in {each.recipient_id for each in outcomes}]
        for notice_id in {row["notice_id"] for row in unknown}:
            with self.database.transaction() as tx:
                order_again(tx, [row for row in unknown if row["notice_id"] == notice_id], now)

    def _take_in(self, tx: Transaction, outcome: BreachOutcome) -> None:
        recipient = store.lock_recipient(tx, outcome.recipient_id)
        if recipient is None or recipient["told_at"] is not None or recipient["failed_at"] is not None:
            return
        at = outcome.at or self.clock.now()
        if outcome.state == "unreachable":
            self._leave_to_a_person(tx, recipient, at, str(outcome.reason))
        elif outcome.state == "told":
            store.note(tx, outcome.recipient_id, sent_at=at, told_at=at)
        elif outcome.state == "sent":
            store.note(tx, outcome.recipient_id, sent_at=at)

    @every(seconds=5, irreversible=True)
    def see_who_is_gone(self) -> None:
        """Whoever account does not know any more is on no list. Anybody else is told by a person.

        That holds also for a customer with nobody left of whom its agreement names.
        """
        with self.database.transaction() as tx:
            said_gone = store.said_gone(tx, limit=GONE_A_ROUND)
        for each in said_gone:
            try:
                is_there = self._is_there(each["account_id"], each["user_id"])
            except Transient as error:
                logger.warning("whether a recipient is gone is not known yet", exc_info=error)
                return
            with self.database.transaction() as tx:
                recipient = store.lock_recipient(tx, each["id"])
                if recipient is None or recipient["failure_case_id"] is not None:
                    continue  # another process has seen to it
                if not is_there:
                    store.drop_recipient(tx, recipient, recipient["failed_at"])
                    continue
                if recipient["reason"] == GONE:
                    logger.error("a customer that is there was said to be gone", case_id=recipient["case_id"])
                self._leave_to_a_person(tx, recipient, recipient["failed_at"], NOT_REACHED)

    def _is_there(self, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether account knows a customer, or this person of it."""
        # A page begins after an id: this one with the person, where it is about one.
        after = (None, None) if user_id is None else (account_id, UUID(int=user_id.int - 1))
        asked = Affected(
            as_of=self.clock.now(),
            account_ids=(account_id,),
            after_account=after[0],
            after_user=after[1],
            limit=1,
        )
        found = self.caller.ask(asked).subjects
        return any(user_id in (None, each.user_id) for each in found)

    def _leave_to_a_person(self, tx: Transaction, recipient: Row, at: datetime, reason: str) -> None:
        now = self.clock.now()
        failure = engine.opened(
            CONTACT_FAILURE,
            opened_by="letter",
            signal=Signal.OTHER,
            received_at=at,
            entered=(),
            owner=self.on_duty(tx, now),
            now=now,
        )
        opening.keep_new(tx, failure, now)
        case_id = failure.after.case.id
        users = () if recipient["user_id"] is None else (recipient["user_id"],)
        cases.add_subjects(tx, case_id, (recipient["account_id"],), users, now)
        cases.link(tx, recipient["case_id"], Link.PROMOTED_TO, case_id, now)
        store.note(tx, recipient["id"], failed_at=at, reason=reason, failure_case_id=case_id)
        logger.info("a customer could not be reached", case_id=case_id, reason=reason)

    @staticmethod
    def _recipient(tx: Transaction, message: Received[LetterEvent]) -> Row | None:
        """Whom the letter told: what asked for it is the recipient itself, of the company that the event names."""
        event = message.event
        if event.letter not in LETTERS or message.causation_id is None:
            return None
        found = store.lock_recipient(tx, message.causation_id)
        return found if found is not None and found["account_id"] == event.account_id else None

    # ── for the ledger ────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=1)
    def tell_ledger(self) -> None:
        """Have the ledger know each notice that was decided, once it has the list; then who was told."""
        for _ in range(FACTS_A_ROUND):
            with self.database.transaction() as tx:
                if not (_tell_notice(tx, self.clock.now()) or _tell_mark(tx, self.clock.now())):
                    return

    # ── shown ─────────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.ShowNotices)
    def show_notices(self, call: calls.ShowNotices) -> calls.NoticesShown:
        """Whom a breach concerns, what is drafted, and who was told when."""
        with self.database.transaction() as tx:
            cases.get(tx, call.case_id)
            lists = self.lists_of(tx, call.case_id)
            notices = store.of_case(tx, call.case_id)
            counts = store.counts(tx, call.case_id)
            recipients = store.recipients(tx, call.case_id)
        return calls.NoticesShown(
            lists=tuple(_list_shown(row) for row in lists),
            notices=tuple(
                calls.NoticeShown.of(each, **{"notice_id": each.id, **counts[each.id]})
                for each in reversed(notices)
            ),
            recipients=tuple(_recipient_shown(row) for row in recipients[: store.RECIPIENTS_SHOWN]),
            complete=len(recipients) <= store.RECIPIENTS_SHOWN,
        )


def _next_number(tx: Transaction, case_id: UUID, audience: Audience) -> int:
    decided = [each for each in store.of_case(tx, case_id) if each.decision_id and each.audience is audience]
    return len(decided) + 1


def _keep_draft(tx: Transaction, file: CaseFile, notice: Notice) -> CaseChanged:
    store.draft(tx, notice)
    case = cases.raise_version(tx, file.case)
    return CaseChanged(case_id=case.id, version=case.version, state=case.state)


def _tell_notice(tx: Transaction, now: datetime) -> bool:
    """Tell one; whether there was one."""
    found = store.untold(tx)
    if found is None:
        return False
    notice, decided_by = found
    with acting_as(decided_by):
        event_id = derived_id(BreachNoticeDecided.type, notice.id)
        tx.outbox.add(fact_of(notice), now=now, event_id=event_id)
    store.told(tx, notice.id)
    return True


def _tell_mark(tx: Transaction, now: datetime) -> bool:
    """Tell how far the telling of some recipients of one notice has come; whether there were any."""
    found = store.take_marked(tx, limit=MARKED)
    if found is None:
        return False
    notice_id, mark, rows = found
    if mark is Mark.FAILED:
        for row in rows:
            _tell_followed(tx, notice_id, mark, [row], now, reason=row["reason"], failure=row["failure_case_id"])
    elif rows:
        _tell_followed(tx, notice_id, mark, rows, now)
    return bool(rows)


def _tell_followed(
    tx: Transaction,
    notice_id: UUID,
    mark: Mark,
    rows: Sequence[Row],
    now: datetime,
    *,
    reason: str | None = None,
    failure: UUID | None = None,
) -> None:
    tx.outbox.add(
        BreachRecipientsFollowed(
            case_id=rows[0]["case_id"],
            notice_id=notice_id,
            mark=Code(mark),
            account_ids=[row["account_id"] for row in rows],
            user_ids=[row["user_id"] for row in rows if row["user_id"] is not None],
            at=[row[f"{mark.value}_at"] for row in rows],
            reason=Code(reason) if reason else None,
            failure_case_id=failure,
        ),
        now=now,
    )


def _list_shown(row: Row) -> calls.ListShown:
    same = ("scope", "as_of", "window_from", "window_to", "customers", "persons", "standing", "left_out")
    facts: dict[str, Any] = {name: row[name] for name in same}
    if row["decision_id"] is None and row["changes"] > row["changes_seen"]:  # it is made anew
        facts |= {"customers": None, "persons": None}
    return calls.ListShown(**facts, list_id=row["id"], is_frozen=row["decision_id"] is not None)


def _recipient_shown(row: Row) -> calls.RecipientShown:
    told_at = row["told_at"]
    return calls.RecipientShown(**row, authority_due=None if told_at is None else rules.authority_due(told_at))
