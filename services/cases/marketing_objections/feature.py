"""Keeps objections to marketing as cases: what stops the letters is in force in notification already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.cases.affected.values import Subject
from services.cases.engine import opening, store
from services.cases.engine import rules as engine
from services.cases.engine.opening import OnDuty
from services.cases.engine.values import Entered
from services.cases.kinds.marketing_objection import CONFIRM, EFFECTIVE, LETTER_LEFT, MARKETING_OBJECTION
from services.cases.kinds.values import Moment
from services.cases.marketing_objections.rules import OBJECTION_LETTER, is_soon
from services.notification.letter_lifecycle.events import NotificationSent
from services.notification.preferences.events import MarketingObjected
from shared import log
from shared.actor import SYSTEM, is_staff
from shared.bus import Feature, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import NotFound, Transient
from shared.events import Received

logger = log.get("cases.marketing_objections")


@dataclass(kw_only=True, eq=False)
class MarketingObjections(Feature):
    """Each is a case with the id that notification gave it. `without_erased` is of the room of lists."""

    clock: Clock
    on_duty: OnDuty
    without_erased: Callable[[Transaction, Sequence[Subject]], list[Subject]]

    @handles(MarketingObjected)
    def take_objection(self, message: Received[MarketingObjected], tx: Transaction) -> None:
        """A person has objected: the case says since when it counts, and by which way it came.

        Of whoever was erased since it names nobody, for nobody would take their ids out of it.
        """
        event, now = message.event, self.clock.now()
        source = "staff" if is_staff(message.actor) else "customer"
        digest = engine.digest_of(source, str(event.case_id))
        store.one_by_one(tx, digest.hex())
        if store.taken_before(tx, source, digest) is not None:
            return
        received_at = min(event.received_at, now)
        by = message.actor if source == "staff" else source
        opened = engine.opened(
            MARKETING_OBJECTION,
            opened_by=source,
            signal=str(event.channel),
            received_at=received_at,
            entered=(Entered(name=Moment.RECEIVED_AT, at=received_at, entered_by=by, recorded_at=now),),
            owner=self.on_duty(tx, now),
            now=now,
            case_id=event.case_id,
        )
        opening.keep_new(tx, opened, now, digest=digest)
        for account_id, user_id in self.without_erased(tx, [(event.account_id, event.user_id)]):
            store.add_subjects(tx, event.case_id, (account_id,), (user_id,) if user_id else (), now)
        store.note_taken(tx, source, digest, event.case_id, now)

    @handles(NotificationSent)
    def note_confirmed(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The letter that confirms an objection has left: nothing is left to do about it."""
        if message.event.letter != OBJECTION_LETTER or message.causation_id is None:
            return
        now = self.clock.now()
        try:
            file = store.lock(tx, message.causation_id)
        except NotFound:
            if is_soon(message.time, now):
                raise Transient("the case of this letter is not opened yet") from None
            return
        if file.case.kind != MARKETING_OBJECTION.code or file.case.state != EFFECTIVE:
            return
        _, change = engine.take(
            file,
            CONFIRM,
            decisive=True,
            version=file.case.version,
            reason=LETTER_LEFT,
            late_reason=None,
            actor=str(SYSTEM),
            now=now,
        )
        store.save(tx, change)
        opening.tell_step(tx, change, now)
        logger.info("an objection to marketing was confirmed", case_id=file.case.id)
