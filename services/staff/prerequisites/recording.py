"""Keeping undertakings and training, for whoever may record them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.staff.people.values import Person
from services.staff.prerequisites import rules, store
from services.staff.prerequisites.events import PrerequisiteRecorded
from services.staff.prerequisites.undertaking import DIGESTS
from services.staff.prerequisites.values import Prerequisite, PrerequisiteKind
from shared.calendar import oslo_date, start_of_day_oslo
from shared.context import current
from shared.database import Transaction
from shared.errors import Conflict
from shared.events import Code
from shared.identifiers import new_id


class Recording:
    """Records undertakings and training in the name of who acts. Whose they are is locked by the caller."""

    def of(self, tx: Transaction, person_id: UUID) -> list[Prerequisite]:
        """All that the person has or had, the newest first."""
        return store.of_person(tx, person_id)

    def undertaking(self, tx: Transaction, person: Person, digest: str, now: datetime) -> Prerequisite:
        """Who acts signs the text with this digest.

        Raises `Forbidden` where another person acts, `Conflict` where they have left or it is another text.
        """
        if digest not in DIGESTS:
            raise Conflict("This is not the text that is signed now.", details={"reason": "other_text"})
        return self._record(tx, person, PrerequisiteKind.UNDERTAKING, digest, began_at=now, now=now)

    def training(self, tx: Transaction, person: Person, course: str, on: date, now: datetime) -> Prerequisite:
        """Who acts says that the person completed the course on that day.

        Raises `Forbidden` where the person acts, `Conflict` where they have left or the day does not count.
        """
        rules.check_completed_on(on, now)
        began_at = start_of_day_oslo(on)
        return self._record(tx, person, PrerequisiteKind.TRAINING, course, began_at=began_at, now=now)

    @staticmethod
    def _record(
        tx: Transaction, person: Person, kind: PrerequisiteKind, what: str, *, began_at: datetime, now: datetime
    ) -> Prerequisite:
        actor = current().actor
        rules.check_still_here(person)
        rules.check_recorder(kind, person, actor)
        rules.check_room(len(store.of_person(tx, person.id)))
        prerequisite = Prerequisite(
            id=new_id(),
            person_id=person.id,
            kind=kind,
            what=what,
            began_at=began_at,
            expires_at=rules.expires_at(kind, oslo_date(began_at), now),
            recorded_at=now,
            recorded_by=actor,
        )
        store.add(tx, prerequisite)
        event = PrerequisiteRecorded(
            staff_code=Code(person.code),
            prerequisite_id=prerequisite.id,
            kind=Code(kind.value),
            expires_at=prerequisite.expires_at,
        )
        tx.outbox.add(event, now=now)
        return prerequisite
