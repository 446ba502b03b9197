"""Takes in requests of persons about data of theirs, and sees when each of them was written to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.cases.decisions.calls import CaseChanged
from services.cases.engine import opening, store
from services.cases.engine import rules as engine
from services.cases.engine.opening import OnDuty
from services.cases.engine.values import CaseFile, Change, Entered
from services.cases.kinds.rights_request import RIGHTS_REQUEST
from services.cases.kinds.values import Moment, Step
from services.cases.rights_requests import calls, rules
from services.cases.rights_requests import store as letters
from services.cases.rights_requests.events import RightsLetterOrdered
from services.cases.rights_requests.values import RequesterLetter
from services.notification.letter_lifecycle.events import NotificationSent
from shared import log
from shared.bus import Feature, answers, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Invalid
from shared.events import Code, Received
from shared.identifiers import derived_id

SOURCE = "staff"
LETTERS = frozenset(each.value for each in RequesterLetter)

logger = log.get("cases.rights_requests")


@dataclass(kw_only=True, eq=False)
class RightsRequests(Feature):
    """What comes twice is one case; its month begins when it reached us, and not when somebody typed it."""

    clock: Clock
    on_duty: OnDuty

    @answers(calls.TakeRightsRequest)
    def take_rights_request(self, call: calls.TakeRightsRequest, tx: Transaction) -> calls.RequestTaken:
        """Somebody has asked by telephone, mail or post."""
        if call.user_id is not None and call.account_id is None:
            raise Invalid("a user is named with the company", details={"account_id": ["needed with a user"]})
        rules.check_received(call.received_at, self.clock.now())
        digest = engine.digest_of(SOURCE, call.external_id)
        store.one_by_one(tx, digest.hex())
        before = store.taken_before(tx, SOURCE, digest)
        if before is not None:
            return calls.RequestTaken(**before, is_new=False)
        file = self._open(tx, call)
        store.note_taken(tx, SOURCE, digest, file.case.id, self.clock.now())
        return calls.RequestTaken(case_id=file.case.id, reference=file.case.reference, is_new=True)

    def _open(self, tx: Transaction, call: calls.TakeRightsRequest) -> CaseFile:
        now = self.clock.now()
        received = Entered(
            name=Moment.RECEIVED_AT, at=call.received_at, entered_by=str(call.actor), recorded_at=now
        )
        opened = engine.opened(
            RIGHTS_REQUEST,
            opened_by=SOURCE,
            signal=call.right,
            received_at=call.received_at,
            entered=(received,),
            owner=self.on_duty(tx, now),
            now=now,
        )
        opening.keep_new(tx, opened, now)
        file = opened.after
        if call.account_id is not None:
            users = () if call.user_id is None else (call.user_id,)
            store.add_subjects(tx, file.case.id, (call.account_id,), users, now)
            if call.user_id is not None:
                self._send_receipt(tx, file, call.account_id, call.user_id)
        return file

    def _send_receipt(self, tx: Transaction, file: CaseFile, account_id: UUID, user_id: UUID) -> None:
        now = self.clock.now()
        case, letter = file.case, RequesterLetter.RECEIVED
        event_id = derived_id(RightsLetterOrdered.type, letter, case.id)
        letters.add(tx, event_id, letter, of=(case.id, None), now=now)
        tx.outbox.add(
            RightsLetterOrdered(
                case_id=case.id,
                account_id=account_id,
                user_id=user_id,
                letter=Code(letter),
                reason=Code(case.signal),
                received_at=case.received_at,
                due_on=rules.last_day(file),
            ),
            now=now,
            event_id=event_id,
        )

    # ── letters ───────────────────────────────────────────────────────────────────────────────────────────────

    def follow(self, _tx: Transaction, change: Change, _step: Step) -> None:
        """A request is extended in its first month, or not at all."""
        rules.check_extension(change.after)

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
        """A person has posted the letter."""
        now = self.clock.now()
        file = store.lock(tx, call.case_id)
        engine.check_version(file.case, call.version)
        effect = rules.waiting_letter(file)
        rules.check_posted(effect, call.posted_at, now)
        letter_id, decision_id = rules.letter_id(effect), effect.decision_id
        letters.add(tx, letter_id, "posted", of=(call.case_id, decision_id), now=now)
        case = store.raise_version(tx, file.case)
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
