"""Undertakings and training: what somebody needs before they may do anything, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from services.staff.authentication.rules import check_changes_others, check_in_browser
from services.staff.people.values import existing
from services.staff.periods.rules import warned_before
from services.staff.prerequisites import calls, store
from services.staff.prerequisites.events import PrerequisiteExpired, PrerequisiteWithdrawn
from services.staff.prerequisites.recording import Recording
from services.staff.prerequisites.undertaking import TEXTS
from services.staff.prerequisites.values import Ending, Prerequisite
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound
from shared.events import Code

if TYPE_CHECKING:
    from services.staff.grants.feature import Grants
    from services.staff.people.feature import People
    from services.staff.sessions.feature import Sessions

AT_ONCE: Final = 50


@dataclass(kw_only=True, eq=False)
class Prerequisites(Feature):
    """Records them and ends them."""

    database: Database
    clock: Clock
    people: People
    sessions: Sessions
    recording: Recording
    grants: Grants

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
            person = existing(self.people.person_of_code(tx, call.code))
            prerequisites = store.of_person(tx, person.id)
        return calls.PrerequisitesShown(prerequisites=tuple(_shown(each, now) for each in prerequisites))

    @answers(calls.OwnPrerequisites)
    def own_prerequisites(self, call: calls.OwnPrerequisites) -> calls.PrerequisitesShown:
        """The undertakings and training of the holder of the session."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            person = self.sessions.use(tx, call.token, now).person
            prerequisites = store.of_person(tx, person.id)
        return calls.PrerequisitesShown(prerequisites=tuple(_shown(each, now) for each in prerequisites))

    @answers(calls.SignUndertaking)
    def sign_undertaking(self, call: calls.SignUndertaking) -> calls.PrerequisiteShown:
        """Whoever holds the session signs the undertaking."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.sessions.use(tx, call.token, now)
            check_in_browser(session.state)
            person = session.person
            with acting_as(person.actor):
                undertaking = self.recording.undertaking(tx, person, call.text_sha256, now)
        return _shown(undertaking, now)

    @answers(calls.RecordTraining)
    def record_training(self, call: calls.RecordTraining, tx: Transaction) -> calls.PrerequisiteShown:
        """Somebody has completed a course."""
        now = self.clock.now()
        person = existing(self.people.lock_by_code(tx, call.code))
        return _shown(self.recording.training(tx, person, call.course, call.completed_on, now), now)

    @answers(calls.WithdrawPrerequisite)
    def withdraw_prerequisite(self, call: calls.WithdrawPrerequisite, tx: Transaction) -> calls.PrerequisiteShown:
        """An undertaking or a training counts no more."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        with self.grants.administrators_stay(tx, now):
            prerequisite = store.lock(tx, call.prerequisite_id)
            if prerequisite is None:
                raise NotFound
            if prerequisite.ended_at is not None:
                raise Conflict("It has ended already.")
            store.end(tx, prerequisite.id, Ending(call.reason), now)
        event = PrerequisiteWithdrawn(reason=Code(call.reason), **self._named(tx, prerequisite))
        tx.outbox.add(event, now=now)
        return _shown(store.lock(tx, prerequisite.id) or prerequisite, now)

    @alarm(
        "prerequisites_end_soon",
        says="undertakings and training of staff that end within a month: who lacks one may do nothing",
        act="vilkar person list",
    )
    def ending_soon(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Signed or taken anew in time, nobody notices."""
        return Waiting.of(store.ending(tx, warned_before(now)))

    @every(seconds=600, irreversible=True)
    def end_expired(self) -> None:
        """Tell of those that are over. They have counted no more from their last instant, told or not."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for prerequisite in store.expired(tx, now, limit=AT_ONCE):
                store.end(tx, prerequisite.id, Ending.EXPIRED, now)
                tx.outbox.add(PrerequisiteExpired(**self._named(tx, prerequisite)), now=now)

    def _named(self, tx: Transaction, prerequisite: Prerequisite) -> dict[str, Any]:
        person = existing(self.people.person(tx, prerequisite.person_id))
        return {
            "staff_code": Code(person.code),
            "prerequisite_id": prerequisite.id,
            "kind": Code(prerequisite.kind.value),
        }


def _shown(prerequisite: Prerequisite, now: datetime) -> calls.PrerequisiteShown:
    return calls.PrerequisiteShown(
        prerequisite_id=prerequisite.id,
        kind=prerequisite.kind.value,
        what=prerequisite.what,
        began_at=prerequisite.began_at,
        expires_at=prerequisite.expires_at,
        recorded_by=prerequisite.recorded_by,
        ended_at=prerequisite.ended_at,
        ended_because=prerequisite.ended_because.value if prerequisite.ended_because else None,
        live=prerequisite.is_live_at(now),
        ends_soon=prerequisite.is_live_at(now) and prerequisite.expires_at < warned_before(now),
    )
