"""The invented people of a demo: they come, sign and are granted what they need, as everybody of the staff is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.staff.authentication import store as authentication
from services.staff.demo_staff import rules
from services.staff.demo_staff.values import Wanted
from services.staff.passkeys.calls import BeginEnrolment, By, FinishEnrolment
from services.staff.people.calls import link_digest
from services.staff.people.values import LinkPurpose, Person, PersonState
from services.staff.prerequisites.calls import SignUndertaking, UndertakingText
from services.staff.prerequisites.values import PrerequisiteKind
from services.staff.sessions.calls import BeginLogIn, LogIn, LogOut
from shared.actor import SYSTEM
from shared.bus import Feature, every
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, load_queries
from shared.demo_staff import KEYS, PEOPLE, InventedPerson, authenticator_of
from shared.errors import Unavailable
from shared.identifiers import new_token
from shared.software_authenticator import SoftwareAuthenticator
from shared.webauthn import RelyingParty

if TYPE_CHECKING:
    from services.staff.contacts.feature import Contacts
    from services.staff.grants.feature import Grants
    from services.staff.passkeys.feature import Passkeys
    from services.staff.people.feature import People
    from services.staff.prerequisites.feature import Prerequisites
    from services.staff.prerequisites.recording import Recording
    from services.staff.sessions.feature import Sessions

Q: Final = load_queries(__file__)
COURSE: Final = "introduction"
LANGUAGE: Final = "nb"


@dataclass(eq=False)
class InventedPeople(Feature):
    """Brings them where `wanted`, which production never does."""

    database: Database
    clock: Clock
    party: RelyingParty
    wanted: Wanted
    people: People
    passkeys: Passkeys
    sessions: Sessions
    prerequisites: Prerequisites
    recording: Recording
    grants: Grants
    contacts: Contacts
    are_here: bool = False

    @every(seconds=5)
    def bring_invented_people(self) -> None:
        """Whoever lacks something gets it; one process does it after the other.

        Nobody can log in before: where a round fails, the next one comes soon.
        """
        if not self.wanted.here or self.are_here:
            return
        with self.database.transaction() as turn:
            turn.run(Q.take_turn)
            for invented in PEOPLE:
                self._bring(invented)
        self.are_here = True

    def check_here(self) -> None:
        """Raise `Unavailable` where they are wanted and have not come yet."""
        if self.wanted.here and not self.are_here:
            self.are_here = all(map(self._has_come, PEOPLE))
            if not self.are_here:
                raise Unavailable("the people of the demo have not come yet")

    # ── each with a key, a signature and grants ───────────────────────────────────────────────────────────────

    def _bring(self, invented: InventedPerson) -> None:
        person = self._person(invented)
        if rules.is_on_the_way(person):
            self._enrol(invented, person)
        elif person is not None and person.state is PersonState.LEFT:
            return
        self._prepare(invented)
        self._grant(invented)

    def _enrol(self, invented: InventedPerson, person: Person | None) -> None:
        """Enrol their keys: the first by a link, another in a session that the first one opens."""
        link = new_token()
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(str(SYSTEM)):
            if person is None:
                person = self.people.invite(tx, invented.code, link_digest(link), now)
            else:
                self.people.issue_link(tx, person, LinkPurpose.INVITATION, link_digest(link), now)
            enrolled = authentication.count_passkeys(tx, person.id)
        if not enrolled:
            self._enrol_key(self._key(invented, 0), By(link=link))
        for number in range(1, KEYS):
            session = self._log_in(invented)
            self._enrol_key(self._key(invented, number), By(session=session))
            self.sessions.log_out(LogOut(token=session))

    def _enrol_key(self, key: SoftwareAuthenticator, by: By) -> None:
        begun = self.passkeys.begin_enrolment(BeginEnrolment(by=by))
        made = key.create(begun.options.to_json(), self.party)
        answer = {
            "by": by.to_json(),
            "ceremony_id": str(begun.ceremony_id),
            "credential": {"id": made["id"], "response": made["response"]},
        }
        self.passkeys.finish_enrolment(FinishEnrolment.from_json(answer))

    def _log_in(self, invented: InventedPerson) -> str:
        begun = self.sessions.begin_log_in(BeginLogIn())
        signed = self._key(invented, 0).get(begun.options.to_json(), self.party)
        answer = {
            "ceremony_id": str(begun.ceremony_id),
            "assertion": {"id": signed["id"], "response": signed["response"]},
        }
        return self.sessions.log_in(LogIn.from_json(answer)).token

    def _prepare(self, invented: InventedPerson) -> None:
        """They sign for themselves; that they were trained the machine says."""
        person, now = self._person(invented), self.clock.now()
        if person is None:
            return
        with self.database.transaction() as tx:
            lacking = rules.lacking(self.recording.of(tx, person.id))
        if PrerequisiteKind.UNDERTAKING in lacking:
            session = self._log_in(invented)
            text = self.prerequisites.undertaking_text(UndertakingText(language=LANGUAGE))
            signature = SignUndertaking(token=session, text_sha256=text.sha256)
            self.prerequisites.sign_undertaking(signature)
            self.sessions.log_out(LogOut(token=session))
        if PrerequisiteKind.TRAINING in lacking:
            with self.database.transaction() as tx, acting_as(str(SYSTEM)):
                locked = self.people.lock_by_code(tx, invented.code) or person
                self.recording.training(tx, locked, COURSE, oslo_date(now), now)

    def _grant(self, invented: InventedPerson) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(str(SYSTEM)):
            person = self.people.lock_by_code(tx, invented.code)
            if person is None:
                return
            had = [each.role for each in self.grants.of(tx, person.id)]
            for role in rules.not_granted(invented.grants, had):
                self.grants.give_longest(tx, person, role, invented.grants[role], now)
            if not self.contacts.has_contact(tx, person):
                self.contacts.put(tx, person, invented.email, LANGUAGE, now)

    # ── who they are ──────────────────────────────────────────────────────────────────────────────────────────

    def _person(self, invented: InventedPerson) -> Person | None:
        with self.database.transaction() as tx:
            return self.people.person_of_code(tx, invented.code)

    def _key(self, invented: InventedPerson, number: int) -> SoftwareAuthenticator:
        return authenticator_of(invented.code, number, self.party, environment=self.wanted.environment)

    def _has_come(self, invented: InventedPerson) -> bool:
        with self.database.transaction() as tx:
            person = self.people.person_of_code(tx, invented.code)
            return person is not None and not rules.is_on_the_way(person) and bool(self.grants.of(tx, person.id))
