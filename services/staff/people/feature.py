"""The vendor's people: invited, enrolled, and gone on the day they leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from services.staff.authentication.rules import check_changes_others
from services.staff.people import calls, rules, store
from services.staff.people.events import EnrolmentLinkIssued, StaffActivated, StaffInvited, StaffLeft
from services.staff.people.values import EnrolmentLink, LinkPurpose, Person, PersonState, existing
from services.staff.periods.rules import forgotten_before, free_again_before
from services.staff.vouching.rules import makers
from shared.actor import staff_actor
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Transaction
from shared.errors import Conflict, Forbidden
from shared.events import Code
from shared.identifiers import new_id
from shared.privacy.blind_index import BlindIndex

AT_ONCE: Final = 50
LINKS_KEPT: Final = timedelta(days=7)
"""So long a link that is over is told apart from one that never was."""

CheckedExit = Callable[[Transaction, str, datetime], None]
"""Raises `Forbidden` where the person with this code is needed; others who could be wait until it is over."""
Ending = Callable[[Transaction, Person, datetime], None]
"""Ends something that a person has, in the transaction in which they leave. Doing it twice does no harm."""


@dataclass(kw_only=True, eq=False)
class People(Feature):
    """Who is of the staff. `endings` are what ends with a person: grants, passkeys, sessions.

    `exits` refuse to let go whoever is needed. `spent_codes` makes the digests by which the code of somebody is
    known of whom nothing else is recorded.
    """

    database: Database
    clock: Clock
    spent_codes: BlindIndex
    endings: Sequence[Ending] = ()
    exits: Sequence[CheckedExit] = ()

    @answers(calls.ListPeople)
    def list_people(self, _call: calls.ListPeople) -> calls.PeopleShown:
        """Everybody of the staff."""
        with self.database.transaction() as tx:
            makers_of = self.makers(tx)
            return calls.PeopleShown(people=tuple(_shown(each, makers_of) for each in store.everybody(tx)))

    @answers(calls.ShowPerson)
    def show_person(self, call: calls.ShowPerson) -> calls.PersonShown:
        """Somebody of the staff."""
        with self.database.transaction() as tx:
            return _shown(existing(store.by_code(tx, call.code)), self.makers(tx))

    @answers(calls.InvitePerson)
    def invite_person(self, call: calls.InvitePerson, tx: Transaction) -> calls.PersonShown:
        """Ask somebody to become one of the staff."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        return _shown(self.invite(tx, call.code, call.token_digest, now), self.makers(tx))

    @answers(calls.RenewInvitation)
    def renew_invitation(self, call: calls.RenewInvitation, tx: Transaction) -> calls.PersonShown:
        """A new link for somebody who has not come."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        person = existing(store.by_code(tx, call.code, locked=True))
        rules.check_not_come(person)
        self.issue_link(tx, person, LinkPurpose.INVITATION, call.token_digest, now)
        return _shown(person, self.makers(tx))

    @answers(calls.RecordExit)
    def record_exit(self, call: calls.RecordExit, tx: Transaction) -> calls.PersonShown:
        """Somebody leaves: what they could do ends now."""
        now = self.clock.now()
        for check in self.exits:  # before the person is locked, as whoever invites does
            check(tx, call.code, now)
        person = existing(store.by_code(tx, call.code, locked=True))
        if person.state is not PersonState.INVITED:
            check_changes_others(current().statement, now)
        self.leave(tx, person, call.reason, now)
        return _shown(existing(store.by_id(tx, person.id)), self.makers(tx))

    @every(seconds=3600)
    def lapse_invitations(self) -> None:
        """Who has not come in time has left, and links that are long over are forgotten."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for person in store.lapsed(tx, now - rules.INVITATION_LASTS, limit=AT_ONCE):
                self.leave(tx, person, "never_came", now)
            store.expire_links(tx, now - LINKS_KEPT)

    @every(seconds=3600, irreversible=True)
    def forget_former(self) -> None:
        """Who left so long ago that nobody can claim anything of what they did is recorded no longer.

        Nor as who invited, granted or entered what is still recorded of others. Their code stays theirs for ten
        years more.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            for code in store.forget(tx, forgotten_before(now), limit=AT_ONCE):
                store.unname(tx, staff_actor(code))
                store.spend_code(tx, self._spent(code), now)
            store.free_codes(tx, free_again_before(now))

    # ── what other features need ──

    def invite(self, tx: Transaction, code: str, token_digest: str, now: datetime) -> Person:
        """Keep somebody invited, with a link. Raises `Conflict` where the code is or was somebody's."""
        store.lock_people(tx)
        rules.check_room(store.count(tx))
        person = Person(id=new_id(), code=code, state=PersonState.INVITED, invited_at=now)
        is_free = store.add(tx, person, by=current().actor)  # waits for whoever is forgetting who had it
        if not is_free or store.is_spent(tx, self._spent(code)):
            raise Conflict("This code is or was somebody's.")
        tx.outbox.add(StaffInvited(staff_code=Code(code)), now=now)
        self.issue_link(tx, person, LinkPurpose.INVITATION, token_digest, now)
        return person

    def issue_link(
        self, tx: Transaction, person: Person, purpose: LinkPurpose, token_digest: str, now: datetime
    ) -> EnrolmentLink:
        """Let whoever holds the token enrol passkeys for the person, within the hour; earlier links end.

        Raises `Conflict` where it is the token of another person's link.
        """
        link = EnrolmentLink(person_id=person.id, purpose=purpose, expires_at=now + rules.LINK_LASTS)
        if not store.put_link(tx, link, digest=token_digest, by=current().actor, now=now):
            raise Conflict("This token is that of another link: make a new one.", details={"reason": "known_token"})
        issued = EnrolmentLinkIssued(staff_code=Code(person.code), purpose=Code(purpose.value))
        tx.outbox.add(issued, now=now)
        return link

    def holder(self, tx: Transaction, token: str, now: datetime) -> tuple[Person, LinkPurpose]:
        """For whom this token enrols passkeys now, and why. Raises `Forbidden` with its reason."""
        digest = calls.link_digest(token)
        named = store.link(tx, digest)
        person = store.by_id(tx, named.person_id, locked=True) if named else None
        link = store.link(tx, digest)  # as it is now that nobody else changes the person or their links
        if person is None or link is None:
            raise Forbidden("there is no such link", details={"reason": "link_unknown"})
        rules.check_usable(link, person, now)
        return person, link.purpose

    def use_link(self, tx: Transaction, token: str, now: datetime) -> None:
        """The token has enrolled what it was for, and enrols no more. Call `holder` in the same transaction."""
        store.use_link(tx, calls.link_digest(token), now)

    def lock_everybody(self, tx: Transaction) -> list[Person]:
        """Everybody of the staff in order of their codes; nobody else is invited until the transaction ends."""
        store.lock_people(tx)
        return store.everybody(tx)

    def open_link(self, tx: Transaction, person: Person, now: datetime) -> EnrolmentLink | None:
        """The link of theirs that can still be used."""
        usable = (link for link in store.links(tx, person.id) if rules.is_usable(link, person, now))
        return next(usable, None)

    def person(self, tx: Transaction, person_id: UUID) -> Person | None:
        """The person with this id."""
        return store.by_id(tx, person_id)

    def makers(self, tx: Transaction) -> Callable[[str], frozenset[str]]:
        """By code, who made a link by which that person came, where nobody else has vouched since.

        Whoever makes the link could be the one who comes by it.
        """
        return partial(makers, store.admissions(tx))

    @staticmethod
    def unvouched(tx: Transaction) -> Waiting | None:
        """How many may do something of whom nobody has said that it was they who came."""
        return Waiting.of(store.unvouched(tx))

    def was_let_back(self, tx: Transaction, code: str) -> bool:
        """Whether this person came back by a link, and nobody else has vouched that it was they."""
        return any((each.code, each.purpose) == (code, LinkPurpose.RECOVERY) for each in store.admissions(tx))

    @staticmethod
    def vouch(tx: Transaction, person: Person, *purposes: LinkPurpose, by: AbstractSet[str]) -> bool:
        """These actors have looked at who came by links for that; False where it settles nothing."""
        return store.vouch(tx, person.id, purposes, by=by)

    def lock_by_code(self, tx: Transaction, code: str) -> Person | None:
        """Who is called so, whom nobody else changes until the transaction ends."""
        return store.by_code(tx, code, locked=True)

    def lock_by_id(self, tx: Transaction, person_id: UUID) -> Person | None:
        """The person with this id, whom nobody else changes until the transaction ends."""
        return store.by_id(tx, person_id, locked=True)

    def person_of_code(self, tx: Transaction, code: str) -> Person | None:
        """Who is called so."""
        return store.by_code(tx, code)

    def activate(self, tx: Transaction, person_id: UUID, now: datetime) -> None:
        """Somebody invited has two passkeys by now; for anybody else nothing changes."""
        person = existing(store.by_id(tx, person_id))
        if store.activate(tx, person_id, now):
            tx.outbox.add(StaffActivated(staff_code=Code(person.code)), now=now)

    def leave(self, tx: Transaction, person: Person, reason: str, now: datetime) -> None:
        """What the person has ends, all in this transaction, and they have left. Twice does no harm."""
        for end in self.endings:
            end(tx, person, now)
        if store.leave(tx, person.id, reason=reason, by=current().actor, now=now):
            tx.outbox.add(StaffLeft(staff_code=Code(person.code), reason=Code(reason)), now=now)

    def _spent(self, code: str) -> bytes:
        return self.spent_codes.of("staff_code", code)


def _shown(person: Person, makers_of: Callable[[str], AbstractSet[str]]) -> calls.PersonShown:
    return calls.PersonShown(
        code=person.code,
        state=person.state.value,
        invited_at=person.invited_at,
        activated_at=person.activated_at,
        left_at=person.left_at,
        let_in_by=tuple(sorted(makers_of(person.code))),
    )
