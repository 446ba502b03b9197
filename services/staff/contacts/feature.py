"""Where people on duty are called. An address leaves this service for the letter that is sent, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.staff.contacts import calls
from services.staff.contacts.events import StaffContactSet
from services.staff.people.values import Person, PersonState
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calls import Done
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Transaction, load_queries
from shared.email_addresses import canonical_email
from shared.errors import NotFound
from shared.events import Code
from shared.staff import Role, acts

if TYPE_CHECKING:
    from services.staff.people.feature import People

Q: Final = load_queries(__file__)
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

    @answers(calls.SetContact)
    def set_contact(self, call: calls.SetContact, tx: Transaction) -> Done:
        """Keep where somebody is called."""
        person = self.people.hold(tx, call.code)
        if person is None or person.state is not PersonState.ACTIVE:
            raise NotFound
        self.put(tx, person, call.email, call.language, self.clock.now())
        return Done()

    def put(self, tx: Transaction, person: Person, email: str, language: str, now: datetime) -> None:
        """Keep where a person is called. Raises `Invalid` for what is no address."""
        by, address = current().actor, canonical_email(email)
        tx.run(Q.put, person_id=person.id, email=address, language=language, now=now, by=by)
        tx.outbox.add(StaffContactSet(staff_code=Code(person.code)), now=now)

    @answers(calls.Reachable)
    def reachable(self, _call: calls.Reachable) -> calls.ReachableShown:
        """Who can be called."""
        with self.database.transaction() as tx:
            rows = tx.all(Q.reachable, roles=_looking_at_cases(), now=self.clock.now())
        return calls.ReachableShown(
            codes=tuple(row["code"] for row in rows),
            without_cases=tuple(row["code"] for row in rows if not row["has_role"]),
        )

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
            row = tx.one(Q.of_code, code=call.code)
        if row is None:
            raise NotFound
        return calls.ContactFound(**row)

    @answers(calls.RoleHolders)
    def role_holders(self, call: calls.RoleHolders) -> calls.RoleHoldersShown:
        """Who has a role now."""
        with self.database.transaction() as tx:
            rows = tx.all(Q.holders, role=call.role, now=self.clock.now(), limit=calls.HOLDERS_MOST)
        return calls.RoleHoldersShown(codes=tuple(row["code"] for row in rows))

    @alarm(
        "leads_without_address",
        says="people who lead incidents and have no address to be called at",
        act="vilkar register set-contact",
    )
    def leads_without_address(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody can wake them."""
        return Waiting.of(tx.one(Q.unreachable_holders, role=Role.INCIDENT_LEAD.value, now=now))

    @every(seconds=3600, irreversible=True)
    def forget_former_contacts(self) -> None:
        """Whoever has left is not called, whatever backup came back."""
        with self.database.transaction() as tx:
            tx.run(Q.forget_former)

    @staticmethod
    def end(tx: Transaction, person: Person, _now: datetime) -> None:
        """The address of whoever leaves is forgotten."""
        tx.run(Q.forget, person_id=person.id)

    @staticmethod
    def has_contact(tx: Transaction, person: Person) -> bool:
        """Whether a person can be called."""
        return tx.one(Q.of_code, code=person.code) is not None
