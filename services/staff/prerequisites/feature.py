"""Undertakings and training: what somebody needs before they may do anything, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.staff.people.values import Person
from services.staff.periods.rules import forgotten_before, warned_before
from services.staff.prerequisites import calls, rules, store
from services.staff.prerequisites.events import PrerequisiteEnded, PrerequisiteRecorded
from services.staff.prerequisites.undertaking import DIGESTS, TEXTS
from services.staff.prerequisites.values import Ending, Prerequisite, PrerequisiteKind
from shared.actor import Actor
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date, start_of_day_oslo
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound
from shared.events import Code
from shared.identifiers import new_id

if TYPE_CHECKING:
    from services.staff.people.feature import People

AT_ONCE: Final = 50


@dataclass(kw_only=True, eq=False)
class Prerequisites(Feature):
    """Records them and ends them."""

    database: Database
    clock: Clock
    people: People

    @answers(calls.UndertakingText)
    def undertaking_text(self, call: calls.UndertakingText) -> calls.UndertakingTextShown:
        """The undertaking as it is signed now."""
        text = TEXTS[call.language]
        return calls.UndertakingTextShown(language=text.language, text=text.text, sha256=text.sha256)

    @answers(calls.Prerequisites)
    def prerequisites(self, call: calls.Prerequisites) -> calls.PrerequisitesShown:
        """The undertakings and training of somebody."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            person = _found(self.people.person_of_code(tx, call.code))
            kept = store.of_person(tx, person.id)
        return calls.PrerequisitesShown(prerequisites=tuple(_shown(each, now) for each in kept))

    @answers(calls.SignUndertaking)
    def sign_undertaking(self, call: calls.SignUndertaking, tx: Transaction) -> calls.PrerequisiteShown:
        """Whoever acts signs the undertaking."""
        person = _found(self.people.hold(tx, Actor.parse(current().actor).name or ""))
        if call.text_sha256 not in DIGESTS:
            raise Conflict("This is not the text that is signed now.", details={"reason": "other_text"})
        now = self.clock.now()
        kept = self.record(tx, person, PrerequisiteKind.UNDERTAKING, call.text_sha256, began_at=now, now=now)
        return _shown(kept, now)

    @answers(calls.RecordTraining)
    def record_training(self, call: calls.RecordTraining, tx: Transaction) -> calls.PrerequisiteShown:
        """Somebody has completed a course."""
        now = self.clock.now()
        rules.check_completed_on(call.completed_on, now)
        person, began_at = _found(self.people.hold(tx, call.code)), start_of_day_oslo(call.completed_on)
        kept = self.record(tx, person, PrerequisiteKind.TRAINING, call.course, began_at=began_at, now=now)
        return _shown(kept, now)

    @answers(calls.WithdrawPrerequisite)
    def withdraw_prerequisite(self, call: calls.WithdrawPrerequisite, tx: Transaction) -> calls.PrerequisiteShown:
        """An undertaking or a training counts no more."""
        now = self.clock.now()
        kept = store.lock(tx, call.prerequisite_id)
        if kept is None:
            raise NotFound
        if kept.ended_at is not None:
            raise Conflict("It has ended already.")
        self._end(tx, kept, Ending(call.reason), now)
        return _shown(store.lock(tx, kept.id) or kept, now)

    @alarm(
        "prerequisites_end_soon",
        says="undertakings and training of staff that end within a month: who lacks one may do nothing",
        act="vilkar staff list",
    )
    def ending_soon(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Signed or taken anew in time, nobody notices."""
        return Waiting.of(store.ending(tx, warned_before(now)))

    @every(seconds=600)
    def end_expired(self) -> None:
        """Tell of those that are over. They have counted no more from their last instant, told or not."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for kept in store.expired(tx, now, limit=AT_ONCE):
                self._end(tx, kept, Ending.EXPIRED, now)

    @every(seconds=3600, irreversible=True)
    def forget_ended(self) -> None:
        """What ended so long ago that nobody can claim anything by it is recorded no longer."""
        with self.database.transaction() as tx:
            store.forget(tx, forgotten_before(self.clock.now()), limit=AT_ONCE)

    # ── what other features need ──

    def of(self, tx: Transaction, person_id: UUID) -> list[Prerequisite]:
        """All that the person has or had, the newest first."""
        return store.of_person(tx, person_id)

    def record(
        self,
        tx: Transaction,
        person: Person,
        kind: PrerequisiteKind,
        what: str,
        *,
        began_at: datetime,
        now: datetime,
    ) -> Prerequisite:
        """Keep one that counts from now; `person` is held.

        Raises `Forbidden` where the wrong person acts, `Conflict` where the person has left.
        """
        actor = current().actor
        rules.check_still_here(person)
        rules.check_recorder(kind, person, actor)
        rules.check_room(len(store.of_person(tx, person.id)))
        kept = Prerequisite(
            id=new_id(),
            person_id=person.id,
            kind=kind,
            what=what,
            began_at=began_at,
            expires_at=rules.expires_at(kind, oslo_date(began_at), now),
            recorded_at=now,
            recorded_by=actor,
        )
        store.add(tx, kept)
        told = PrerequisiteRecorded(
            staff_code=Code(person.code),
            prerequisite_id=kept.id,
            kind=Code(kind.value),
            expires_at=kept.expires_at,
        )
        tx.outbox.add(told, now=now)
        return kept

    def _end(self, tx: Transaction, kept: Prerequisite, reason: Ending, now: datetime) -> None:
        store.end(tx, kept.id, reason, now)
        person = _found(self.people.person(tx, kept.person_id))
        told = PrerequisiteEnded(
            staff_code=Code(person.code),
            prerequisite_id=kept.id,
            kind=Code(kept.kind.value),
            reason=Code(reason.value),
        )
        tx.outbox.add(told, now=now)


def _found(person: Person | None) -> Person:
    if person is None:
        raise NotFound
    return person


def _shown(kept: Prerequisite, now: datetime) -> calls.PrerequisiteShown:
    return calls.PrerequisiteShown(
        prerequisite_id=kept.id,
        kind=kept.kind.value,
        what=kept.what,
        began_at=kept.began_at,
        expires_at=kept.expires_at,
        recorded_by=kept.recorded_by,
        ended_at=kept.ended_at,
        ended_because=kept.ended_because.value if kept.ended_because else None,
        live=kept.is_live_at(now),
    )
