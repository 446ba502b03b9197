"""Takes in requests of persons about data of theirs, and sees when each of them was written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.account.authentication.calls import InSession
from services.account.exports.events import ExportOverdue, ExportReady
from services.account.login.calls import Authenticate
from services.cases.affected.values import Subject
from services.cases.clocks.rules import day_before
from services.cases.decisions.calls import CaseChanged
from services.cases.engine import opening, store
from services.cases.engine import rules as engine
from services.cases.engine.opening import OnDuty
from services.cases.engine.subject_check import check_there
from services.cases.engine.values import CaseFile, Change, Entered
from services.cases.kinds.rights_request import (
    ANSWER,
    PERSON_WITHDREW,
    RIGHTS_REQUEST,
    RIGHTS_REQUEST_2,
    WITHDRAW,
    WITHDRAWN,
)
from services.cases.kinds.values import Moment, Step
from services.cases.rights_requests import calls, rules
from services.cases.rights_requests import store as letters
from services.cases.rights_requests.events import RightsLetterOrdered
from services.cases.rights_requests.values import KIND_OF, RECEIPT_OF, Asked, Asker, RequesterLetter
from services.notification.letter_lifecycle.events import NotificationSent
from shared import log
from shared.actor import SYSTEM
from shared.bus import Feature, answers, handles
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Transient
from shared.events import Code, Received
from shared.identifiers import derived_id

SOURCE, CUSTOMER, OWNER = "staff", "customer", "owner"
COPY = "copy"
"""What stands before the number of a copy, so that it is nobody else's."""
SYSTEM_AWAY = "system_away"
"""Why an answer by a copy is late."""
LETTERS = frozenset(each.value for each in RequesterLetter)

logger = log.get("cases.rights_requests")


@dataclass(eq=False)
class RightsRequests(Feature):
    """What comes twice is one case; its month begins when it reached us, and not when somebody typed it.

    `without_erased` is of the room of lists.
    """

    database: Database
    clock: Clock
    caller: Caller
    on_duty: OnDuty
    without_erased: Callable[[Transaction, Sequence[Subject]], list[Subject]]

    def check_asker(self, call: calls.TakeRightsRequest) -> None:
        """Raise as `check_there` for who asks, where staff know them."""
        self.check_named(call.account_id, call.user_id)

    def check_named(self, account_id: UUID | None, user_id: UUID | None) -> None:
        """Raise as `check_there` for whom staff name, and `Invalid` for a user without a company."""
        user_ids = () if user_id is None else (user_id,)
        if account_id is not None:
            check_there(self.caller, (account_id,), user_ids, fields=("account_id", "user_id"))
        elif user_ids:
            raise Invalid("a user is named with the company", details={"account_id": ["needed with a user"]})

    @answers(calls.TakeRightsRequest, first=check_asker)
    def take_rights_request(self, call: calls.TakeRightsRequest, tx: Transaction) -> calls.RequestTaken:
        """Somebody has asked by telephone, mail or post."""
        rules.check_controller(call.concerns, call.account_id)
        kind = KIND_OF[call.concerns]
        asked = Asked(kind, call.right, SOURCE, str(call.actor), call.account_id, call.user_id)
        return self.take_in(tx, asked, call.received_at, call.external_id)

    def take_in(self, tx: Transaction, asked: Asked, received_at: datetime, external_id: str) -> calls.RequestTaken:
        """What staff enter, once. Raises `Conflict` for whoever was erased, and for a number of somebody else's."""
        rules.check_received(received_at, self.clock.now())
        # One letter may ask for several things under one number, and an alarm may bear the same.
        digest = engine.digest_of(SOURCE, f"{asked.kind.code} {asked.about} {external_id}")
        store.one_by_one(tx, digest.hex())
        before = store.taken_before(tx, SOURCE, digest)
        if before is not None:
            named = letters.opened_for(tx, before["case_id"])
            if named and (asked.account_id != named["account_id"] or asked.user_id not in (None, named["user_id"])):
                raise Conflict("somebody else's request has this number", details={"reason": "other_request"})
            return calls.RequestTaken(**before, is_new=False)
        self._check_not_erased(tx, asked.account_id, asked.user_id)
        file = self.open_case(tx, asked, received_at)
        store.note_taken(tx, SOURCE, digest, file.case.id, self.clock.now())
        return calls.RequestTaken(case_id=file.case.id, reference=file.case.reference, is_new=True)

    def _check_not_erased(self, tx: Transaction, account_id: UUID | None, user_id: UUID | None) -> None:
        """Raise `Conflict` where nothing names them any more: nobody would take their ids out of a new case."""
        if account_id is not None and (account_id, user_id) not in self.without_erased(tx, [(account_id, user_id)]):
            raise Conflict("whoever is named was erased", details={"reason": "erased"})

    def open_case(
        self,
        tx: Transaction,
        asked: Asked,
        at: datetime,
        digest: bytes | None = None,
        case_id: UUID | None = None,
    ) -> CaseFile:
        """Open a case for what reached us then, and tell a user whom it names that it was received.

        `digest` and `case_id` are of what may come again by itself.
        """
        now = self.clock.now()
        opened = engine.opened(
            asked.kind,
            opened_by=asked.source,
            signal=asked.about,
            received_at=at,
            entered=(Entered(name=Moment.RECEIVED_AT, at=at, entered_by=asked.entered_by, recorded_at=now),),
            owner=self.on_duty(tx, now),
            now=now,
            case_id=case_id,
        )
        opening.keep_new(tx, opened, now, digest=digest)
        if asked.account_id is not None:
            user_ids = () if asked.user_id is None else (asked.user_id,)
            store.add_subjects(tx, opened.after.case.id, (asked.account_id,), user_ids, now)
            self.tell_received(tx, opened.after)
        return opened.after

    def tell_received(self, tx: Transaction, file: CaseFile) -> None:
        """Tell a user whom a new case names that it is there, where its kind has a receipt."""
        now, case, letter = self.clock.now(), file.case, RECEIPT_OF.get(file.case.kind)
        requester = letters.opened_for(tx, case.id) if letter is not None else None
        if letter is None or requester is None or requester["user_id"] is None:
            return
        event_id = derived_id(RightsLetterOrdered.type, letter, case.id)
        letters.add(tx, event_id, letter, of=(case.id, None), now=now)
        letters.mailed(tx, event_id, now)
        tx.outbox.add(
            RightsLetterOrdered(
                case_id=case.id,
                **requester,
                letter=Code(letter),
                reason=Code(case.signal),
                received_at=case.received_at,
                due_on=rules.last_day(file),
            ),
            now=now,
            event_id=event_id,
        )

    # ── by the person ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.MakeOwnRequest)
    def make_own_request(self, call: calls.MakeOwnRequest) -> calls.OwnRequestTaken:
        """Whoever has a session asks for something about data of theirs."""
        asker, now = self._asker(call), self.clock.now()
        with self.database.transaction() as tx, acting_as(str(SYSTEM)):  # what is told of a case names no customer
            store.one_by_one(tx, f"{RIGHTS_REQUEST.code} {asker.user_id}")
            kind = KIND_OF[call.concerns]
            case_id = letters.open_of(tx, asker, kind.code, call.right)
            is_new = case_id is None
            if case_id is None:
                rules.check_often(letters.earlier(tx, asker, now=now), now)
                asked = Asked(kind, call.right, CUSTOMER, CUSTOMER, asker.account_id, asker.user_id)
                case_id = self.open_case(tx, asked, now).case.id
            (row,) = letters.own(tx, asker, case_id)
        return calls.OwnRequestTaken(**_shown(row).given(), is_new=is_new)

    @handles(ExportOverdue)
    def take_overdue_copy(self, message: Received[ExportOverdue], tx: Transaction) -> None:
        """A copy could not be made in time: a person answers for it, and its month began when it was asked for.

        Where whoever asked waits for the same at least as long already it is one request, but two copies are two:
        each is answered when it is there. Of whoever was erased since nothing is held that could be copied.
        """
        event, now = message.event, self.clock.now()
        asker, right, at = Asker(event.account_id, event.user_id), str(event.kind), min(event.asked_at, now)
        digest = _digest_of(event.wish_id or event.export_id)
        store.one_by_one(tx, f"{RIGHTS_REQUEST.code} {asker.user_id}")
        if store.taken_before(tx, CUSTOMER, digest) is not None:
            return
        named = (asker.account_id, asker.user_id)
        if named not in self.without_erased(tx, [named]):  # their company may stand
            logger.info("whoever asked for a copy was erased", export_id=event.export_id)
            return
        case_id = letters.open_without_copy(tx, asker, RIGHTS_REQUEST.code, right)
        if case_id is None or store.lock(tx, case_id).case.received_at > at:
            asked = Asked(RIGHTS_REQUEST_2, right, CUSTOMER, CUSTOMER, asker.account_id, asker.user_id)
            case_id = self.open_case(tx, asked, at, digest).case.id
        store.note_taken(tx, CUSTOMER, digest, case_id, now)

    @handles(ExportReady)
    def answer_with_copy(self, message: Received[ExportReady], tx: Transaction) -> None:
        """A copy that was late is there: it answers the request that it became, which stops the clock of the law.

        The letter of the answer says so to whoever asked. What was late says why.
        """
        event, now = message.event, self.clock.now()
        if event.overdue_wish_id is None or event.asked_at is None:
            return
        taken = store.taken_before(tx, CUSTOMER, _digest_of(event.overdue_wish_id))
        if taken is None:
            if rules.is_soon(message.time, now):
                raise Transient("the case of this copy is not opened yet")
            return
        file = store.lock(tx, taken["case_id"])
        for step, reason in rules.answered_by_copy(file, event.asked_at):
            _, change = engine.take(
                file,
                step,
                decisive=step == ANSWER,
                version=file.case.version,
                reason=reason,
                late_reason=SYSTEM_AWAY,
                actor=str(SYSTEM),
                now=now,
            )
            store.save(tx, change)
            opening.tell_step(tx, change, now)
            file = change.after
        logger.info("a late copy is there", case_id=file.case.id, state=file.case.state)

    @answers(calls.OwnRequests)
    def own_requests(self, call: calls.OwnRequests) -> calls.OwnRequestsShown:
        """What the person of a session has asked for, and how it stands."""
        asker = self._asker(call)
        with self.database.transaction() as tx:
            rows = letters.own(tx, asker)
        return calls.OwnRequestsShown(requests=tuple(map(_shown, rows)))

    @answers(calls.WithdrawOwnRequest)
    def withdraw_own_request(self, call: calls.WithdrawOwnRequest) -> calls.OwnRequest:
        """Whoever made a request takes it back. The decision names no person: the case outlives them."""
        asker = self._asker(call)
        with self.database.transaction() as tx:
            if not letters.own(tx, asker, call.case_id):
                raise NotFound("there is no such request of yours")
            self.withdraw(tx, call.case_id)
            (row,) = letters.own(tx, asker, call.case_id)
        return _shown(row)

    def withdraw(self, tx: Transaction, case_id: UUID) -> None:
        """Whoever asked takes it back; done again it is done. Raises as `check_withdrawal`."""
        now, file = self.clock.now(), store.lock(tx, case_id)
        if file.case.state == WITHDRAWN:
            return
        rules.check_withdrawal(file)
        _, change = engine.take(
            file,
            WITHDRAW,
            decisive=True,
            version=file.case.version,
            reason=PERSON_WITHDREW,
            late_reason=None,
            actor=str(SYSTEM),
            now=now,
        )
        store.save(tx, change)
        opening.tell_step(tx, change, now)
        logger.info("a request was withdrawn", case_id=case_id)

    @answers(calls.ForwardedRequests)
    def forwarded_requests(self, call: calls.ForwardedRequests) -> calls.ForwardedRequestsShown:
        """What was passed on to the company of an owner."""
        session = self.caller.ask(Authenticate(token=call.token))
        if session.role != OWNER:
            raise Forbidden("owners answer for the company")
        with self.database.transaction() as tx:
            rows = letters.forwarded(tx, session.account_id)
        return calls.ForwardedRequestsShown(requests=tuple(calls.ForwardedRequest(**row) for row in rows))

    def _asker(self, call: InSession) -> Asker:
        session = self.caller.ask(Authenticate(token=call.token))
        return Asker(session.account_id, session.user_id)

    # ── letters ───────────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, _tx: Transaction, change: Change, _step: Step) -> None:
        """A request is extended in its first month or not at all, and erased by two persons."""
        rules.check_extension(change.after)
        rules.check_fee(change.after)
        rules.check_erasure(change.after)

    @handles(NotificationSent)
    def note_letter_sent(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The letter of a decision has left: an extension counts from then, and so does a pause."""
        event, cause = message.event, message.causation_id
        if event.letter not in LETTERS or cause is None:
            return
        found = letters.get(tx, cause)
        if found is not None:
            self._left(tx, cause, store.lock(tx, found["case_id"]), message.time)

    @answers(calls.NotePosted)
    def note_posted(self, call: calls.NotePosted, tx: Transaction) -> CaseChanged:
        """A person has posted the letter, and the one beside it."""
        now = self.clock.now()
        file = store.lock(tx, call.case_id)
        engine.check_version(file.case, call.version)
        effect = rules.waiting_letter(file)
        rules.check_posted(effect, call.posted_at, now)
        step = next(each.step for each in file.decisions if each.id == effect.decision_id)
        case = store.raise_version(tx, file.case)
        for letter, letter_id in rules.letters_of(effect, step):
            letters.add(tx, letter_id, letter, of=(call.case_id, effect.decision_id), now=now)
            after = self._left(tx, letter_id, store.lock(tx, case.id), call.posted_at, str(call.actor))
        return CaseChanged(case_id=case.id, version=after.case.version, state=after.case.state)

    def _left(
        self, tx: Transaction, letter_id: UUID, file: CaseFile, at: datetime, posted_by: str | None = None
    ) -> CaseFile:
        """Note when a letter left, and what is known by it; its decision is carried out then."""
        now = self.clock.now()
        if not letters.sent(tx, letter_id, min(at, now), posted_by):
            return file
        row = letters.get(tx, letter_id)
        decision = next((each for each in file.decisions if row and each.id == row["decision_id"]), None)
        if decision is None:
            return file
        for effect in file.not_carried_out:
            if effect.decision_id == decision.id:  # also one that was given up meanwhile
                store.save_effect(tx, replace(effect, tries=0, next_at=now))
        name = rules.SENT.get(decision.step)
        if name is None:
            return file
        entered = Entered(name=name, at=min(at, now), entered_by=posted_by or "letter", recorded_at=now)
        change = engine.entered_in(file, entered)
        store.save(tx, change)
        opening.tell_instants(tx, change, now)
        logger.info("whoever asked was written to", case_id=file.case.id, step=decision.step)
        return change.after


def _digest_of(wish_id: UUID) -> bytes:
    """Under which a wish for a copy is one request, however often it comes."""
    return engine.digest_of(CUSTOMER, f"{COPY} {wish_id}")


def _shown(row: Row) -> calls.OwnRequest:
    names = (
        "case_id",
        "reference",
        "right",
        "concerns",
        "state",
        "reason",
        "received_at",
        "ended_at",
        "letter_left_at",
    )
    return calls.OwnRequest(
        **{name: row[name] for name in names},
        answer_by=day_before(row["internal_due"]),
        due_on=day_before(row["statutory_due"]),
    )
