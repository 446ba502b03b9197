"""Where people on duty are called. An address leaves this service for the letter that is sent, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.staff.authentication import store as authentication
from services.staff.authentication.rules import check_changes_others
from services.staff.contacts import calls
from services.staff.contacts.events import StaffContactSet
from services.staff.grants.values import AskedAct
from services.staff.people.values import Person, PersonState
from shared.actor import staff_actor
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calls import Done
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Transaction, load_queries
from shared.email_addresses import canonical_email
from shared.errors import Forbidden, NotFound
from shared.events import Code
from shared.staff import Act, Role, acts
from shared.wait_bounds import AHEAD

if TYPE_CHECKING:
    from services.staff.grants.feature import Grants
    from services.staff.people.feature import People

Q: Final = load_queries(__file__)
FORMER_KEPT: Final = timedelta(days=90)
"""So long the address before is told of what is done to a person's passkeys too: whoever is about to act as them
would change the address first."""
LOOK_AT_CASE: Final = "cases.show_case"
"""What whoever is called does first. It is about no one customer, so a grant for some of them does not reach it."""


def _looking_at_cases() -> list[str]:
    """The roles that look at a case."""
    return [str(role) for role in acts()[LOOK_AT_CASE].act.roles]


@dataclass(kw_only=True, eq=False)
class Contacts(Feature):
    """Keeps one address a person for as long as they are of the staff."""

    database: Database
    clock: Clock
    people: People
    grants: Grants

    @answers(calls.SetContact)
    def set_contact(self, call: calls.SetContact, tx: Transaction) -> Done:
        """Keep where somebody is called."""
        now = self.clock.now()
        if current().actor != staff_actor(call.code):
            check_changes_others(current().statement, now)
        person = self.people.lock_by_code(tx, call.code)
        if person is None or person.state is not PersonState.ACTIVE:
            raise NotFound
        self.put(tx, person, call.email, call.language, now)
        return Done()

    def put(self, tx: Transaction, person: Person, email: str, language: str, now: datetime) -> None:
        """Keep where a person is called. Raises `Invalid` for what is no address."""
        given = {"email": canonical_email(email), "language": language, "by": current().actor}
        tx.run(Q.put, person_id=person.id, **given, now=now, since=now - FORMER_KEPT)
        tx.outbox.add(StaffContactSet(staff_code=Code(person.code)), now=now)

    @answers(calls.Reachable)
    def reachable(self, _call: calls.Reachable) -> calls.ReachableShown:
        """Who can be called."""
        now, looking = self.clock.now(), acts()[LOOK_AT_CASE].act
        with self.database.transaction() as tx:
            codes = tuple(row["code"] for row in tx.all(Q.reachable))
            without = tuple(code for code in codes if not self._may(tx, code, looking, now))
        return calls.ReachableShown(codes=codes, without_cases=without)

    @answers(calls.CaseViewers)
    def case_viewers(self, call: calls.CaseViewers) -> calls.CaseViewersShown:
        """Which of them may be shown a case, now or by then."""
        asked = {"codes": list(call.codes), "roles": _looking_at_cases(), "now": self.clock.now(), "by": call.by}
        with self.database.transaction() as tx:
            rows = tx.all(Q.case_viewers, **asked)
        return calls.CaseViewersShown(codes=tuple(row["code"] for row in rows))

    @answers(calls.ContactOf)
    def contact_of(self, call: calls.ContactOf) -> calls.ContactFound:
        """Where somebody is called."""
        with self.database.transaction() as tx:
            row = tx.one(Q.of_code, code=call.code, since=self.clock.now() - FORMER_KEPT)
        if row is None:
            raise NotFound
        return calls.ContactFound(**row)

    @answers(calls.RoleHolders)
    def role_holders(self, call: calls.RoleHolders) -> calls.RoleHoldersShown:
        """Who acts in a role now."""
        now, acting = self.clock.now(), Act(roles=(Role(call.role),))
        with self.database.transaction() as tx:
            codes = [row["code"] for row in tx.all(Q.holders, role=call.role, now=now)]
            may = [code for code in codes if self._may(tx, code, acting, now)]
        return calls.RoleHoldersShown(codes=tuple(may[: calls.HOLDERS_MOST]))

    def _may(self, tx: Transaction, code: str, act: Act, now: datetime) -> bool:
        """Whether somebody who is called could do this: by the rule that decides it when they try."""
        person = self.people.person_of_code(tx, code)
        if person is None:
            return False
        passkeys = authentication.count_passkeys(tx, person.id)
        try:
            self.grants.permit(tx, person, AskedAct(act=act), passkeys=passkeys, now=now)
        except Forbidden:
            return False
        return True

    @alarm(
        "leads_without_address",
        says="people who lead incidents and cannot be called: no address, or nothing that they may do",
        act="vilkar register set-contact",
    )
    def leads_without_address(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody can wake them, or nobody calls them: undertaking, training and two passkeys count for both."""
        role = Role.INCIDENT_LEAD
        leads = tx.all(Q.leads, role=role.value, now=now)
        acting = Act(roles=(role,))
        since = [
            each["since"] for each in leads if not (each["reached"] and self._may(tx, each["code"], acting, now))
        ]
        return Waiting(len(since), min(since)) if since else None

    @every(seconds=3600, irreversible=True)
    def forget_former_contacts(self) -> None:
        """Whoever has left is not called, whatever backup came back; nor is an address told that went long ago."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            tx.run(Q.forget_former)
            tx.run(Q.forget_replaced, before=now - FORMER_KEPT, ahead=now + AHEAD)

    @staticmethod
    def end(tx: Transaction, person: Person, _now: datetime) -> None:
        """The address of whoever leaves is forgotten."""
        tx.run(Q.forget, person_id=person.id)

    @staticmethod
    def has_contact(tx: Transaction, person: Person) -> bool:
        """Whether a person can be called."""
        return tx.one(Q.has_address, code=person.code) is not None
