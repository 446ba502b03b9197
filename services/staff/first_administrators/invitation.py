"""The first administrators are invited on the machine, for there is nobody who could grant them anything.

Whoever is root there may do so; it is published, and so stands in the trail, and two persons of the staff
countersign it within a day. Once there are two administrators, who can grant each other's colleagues what they
need, the door is shut. It is open again where fewer are left who can act: a company whose administrators have all
gone, or have no passkeys any more, would else be locked out of its own system for ever.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from services.staff.first_administrators import rules
from services.staff.machine_doors.values import Door
from services.staff.people.calls import link_digest
from services.staff.people.values import LinkPurpose, Person, PersonState
from services.staff.prerequisites.values import PrerequisiteKind
from shared.actor import SYSTEM
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.identifiers import new_token

if TYPE_CHECKING:
    from services.staff.database_access.feature import DatabaseAccess
    from services.staff.grants.feature import Grants
    from services.staff.machine_doors.feature import MachineDoors
    from services.staff.people.feature import People
    from services.staff.prerequisites.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A first administrator, and the token of the link by which they enrol: it is told once and kept by nobody."""

    code: str
    token: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Somebody of the staff as the machine shows them; the instants are the ends of what counts now."""

    code: str
    state: str
    roles: tuple[str, ...]
    grants_end: datetime | None
    undertaking_ends: datetime | None
    training_ends: datetime | None
    administrator: bool


@dataclass(frozen=True, kw_only=True)
class FirstAdministrators:
    """The machine's own door to the staff."""

    database: Database
    clock: Clock
    people: People
    recording: Recording
    grants: Grants
    access: DatabaseAccess
    doors: MachineDoors

    def invite(self, code: str, *, course: str, trained_on: date) -> Invited:
        """Invite a first administrator, or give one who has not come a new link.

        They may do nothing before they have enrolled two passkeys and signed the undertaking. That they were
        trained is what whoever runs the machine says. Raises `Conflict` where the door is shut, the code is or was
        somebody else's, or the training does not count.
        """
        now, token = self.clock.now(), new_token()
        with self.database.transaction() as tx, acting_as(str(SYSTEM)):
            people = self.people.lock_everybody(tx)
            waiting = next((each for each in people if each.code == code and self._waits(tx, each)), None)
            others = [each for each in people if each is not waiting]
            administrators = self.grants.administrators(tx, others, now)
            rules.check_open(
                administrators=len(administrators),
                on_their_way=sum(
                    self._is_on_the_way(tx, each, now) for each in others if each.code not in administrators
                ),
            )
            person = waiting or self.people.invite(tx, code, link_digest(token), now)
            if waiting is None:
                self.recording.training(tx, person, course, trained_on, now)
                self.grants.give_first(tx, person, now)
            else:
                self.people.issue_link(tx, person, LinkPurpose.INVITATION, link_digest(token), now)
            link = self.people.open_link(tx, person, now)
            if link is None:
                raise LookupError("a link was made and is not there")
            self.doors.note(tx, Door.STAFF_INVITE, now)
        return Invited(code=code, token=token, ends_at=link.expires_at)

    def everybody(self) -> list[Standing]:
        """Everybody of the staff, in order of their codes."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            people = self.people.lock_everybody(tx)
            administrators = self.grants.administrators(tx, people, now)
            return [self._standing(tx, each, administrators, now) for each in people]

    def _waits(self, tx: Transaction, person: Person) -> bool:
        """Whether they were invited by this door and have not come."""
        bootstrap = any(each.bootstrap for each in self.grants.of(tx, person.id))
        return person.state is PersonState.INVITED and bootstrap

    def _is_on_the_way(self, tx: Transaction, person: Person, now: datetime) -> bool:
        if not any(each.bootstrap and each.is_live_at(now) for each in self.grants.of(tx, person.id)):
            return False
        if person.state is PersonState.INVITED:
            return self.people.open_link(tx, person, now) is not None
        return rules.is_signing(person.activated_at, now)

    def _standing(
        self, tx: Transaction, person: Person, administrators: AbstractSet[str], now: datetime
    ) -> Standing:
        grants = [each for each in self.grants.of(tx, person.id) if each.is_live_at(now)]
        live = [each for each in self.recording.of(tx, person.id) if each.is_live_at(now)]
        ends = {kind: [each.expires_at for each in live if each.kind is kind] for kind in PrerequisiteKind}
        return Standing(
            code=person.code,
            state=person.state.value,
            roles=tuple(sorted({each.role.value for each in grants})),
            grants_end=max((each.expires_at for each in grants), default=None),
            undertaking_ends=max(ends[PrerequisiteKind.UNDERTAKING], default=None),
            training_ends=max(ends[PrerequisiteKind.TRAINING], default=None),
            administrator=person.code in administrators,
        )
