"""Access to the databases: nobody can log in there before two persons have decided it, and then for some hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from services.staff.authentication import store as authentication
from services.staff.database_access import calls, rules, store
from services.staff.database_access.events import DatabaseAccessEnded, DatabaseAccessOpened, DatabasePasswordSet
from services.staff.database_access.values import Access, AccessEnding
from services.staff.grants.values import AskedAct, Grant
from services.staff.people.values import Person
from shared.actor import staff_actor, staff_code
from shared.bus import Feature, answers, every
from shared.bus.probes import probe
from shared.bus.statement_check import spend, two_persons
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.staff import Purpose, act_name, acts
from shared.statements import Statement
from shared.terms.clauses import protection

if TYPE_CHECKING:
    from services.staff.grants.feature import Grants
    from services.staff.people.feature import People

OPENING: Final = act_name("staff", calls.OpenDatabaseAccess.method)


@dataclass(kw_only=True, eq=False)
class DatabaseAccess(Feature):
    """Opens databases to one person each, and closes them again.

    The server ends a password by itself at its end, and a look at the server twice a minute ends the rest: what
    lasts longer than its access, and an access of which the server knows nothing.
    """

    database: Database
    clock: Clock
    people: People
    grants: Grants

    @answers(calls.OpenDatabaseAccess)
    def open_database_access(self, call: calls.OpenDatabaseAccess, tx: Transaction) -> calls.AccessShown:
        """Whoever asked for it may look into one database."""
        now, (asked_by, approved_by, _) = self.clock.now(), two_persons()
        person = rules.check_found(self.people.lock_by_code(tx, staff_code(asked_by)))
        grant = self._permitted(tx, person, None, now)
        access = Access(
            id=new_id(),
            person_id=person.id,
            code=person.code,
            of_database=call.database,
            reason=call.reason,
            purpose=grant.purpose.value,
            opened_at=now,
            expires_at=rules.expires_at(now, call.hours, grant.expires_at),
            approved_by=approved_by,
        )
        self._end_over(tx, now)
        if not store.add(tx, access):
            raise Conflict("Somebody may look into this database already.", details={"reason": "taken"})
        told = DatabaseAccessOpened(
            staff_code=Code(person.code),
            access_id=access.id,
            database=Code(access.of_database),
            reason=Code(access.reason),
            purpose=Code(access.purpose),
            expires_at=access.expires_at,
        )
        tx.outbox.add(told, now=now)
        return _shown(access, store.role_of(tx, access.of_database))

    @answers(calls.SetDatabasePassword)
    def set_database_password(self, call: calls.SetDatabasePassword) -> calls.AccessShown:
        """A password that ends with the access."""
        now, statement = self.clock.now(), _statement()
        with self.database.transaction() as tx:
            spend(tx, now)
            person = rules.check_found(self.people.lock_by_code(tx, statement.sub))
            access = _found(store.lock(tx, call.access_id))
            seconds = rules.seconds_left(access, person.id, now)
            self._permitted(tx, person, Purpose(access.purpose), now)
            store.let_in(tx, access, call.verifier, seconds=seconds, now=now)
            tx.outbox.add(DatabasePasswordSet(**_named(access)), now=now)
            return _shown(_found(store.lock(tx, access.id)), store.role_of(tx, access.of_database))

    @answers(calls.EndDatabaseAccess)
    def end_database_access(self, call: calls.EndDatabaseAccess, tx: Transaction) -> calls.AccessShown:
        """Nobody logs in by it any more."""
        access = _found(store.lock(tx, call.access_id))
        if access.ended_at is not None:
            raise Conflict("It has ended already.", details={"reason": "ended"})
        own = current().actor == staff_actor(access.code)
        self._end(tx, access, AccessEnding.GIVEN_BACK if own else AccessEnding.TAKEN_AWAY, self.clock.now())
        ended = _found(store.lock(tx, access.id))
        return _shown(ended, store.role_of(tx, ended.of_database))

    @answers(calls.ListDatabaseAccess)
    def list_database_access(self, call: calls.ListDatabaseAccess) -> calls.AccessesShown:
        """Who may look into which database, and could."""
        with self.database.transaction() as tx:
            found = store.listed(tx, call)
            page, following = cut(found, call.limit, lambda each: Place(each.opened_at, each.id))
            shown = tuple(_shown(each, store.role_of(tx, each.of_database)) for each in page)
        return calls.AccessesShown(accesses=shown, next_after=following)

    @every(seconds=30)
    def revoke_expired_access(self) -> None:
        """End what is over or permitted no more, and close what nobody has an access to."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            self._end_over(tx, now)
            # A role is opened with a record that exists, so one that stood before is looked for after; and while
            # records are locked no role opens by them, so whether it is open is looked for then.
            stood = store.standing(tx)
            live = {each.of_database: each for each in store.open_ones(tx)}
            standing = store.standing(tx)
            for of_database in stood.keys() - live.keys():
                store.close(tx, of_database)
            for of_database, access in live.items():
                if access.password_made_at is not None and not standing.get(of_database):
                    self._end(tx, access, AccessEnding.NOT_OPEN, now)

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        protection.UNDERTAKING_FIRST,
        nb="databaser som slipper inn noen uten at to personer har bestemt det",
        en="databases that let somebody in without two persons having decided it",
    )
    def databases_open_to_nobody(self, tx: Transaction, _now: datetime) -> Row | None:
        """Whatever opened them, a look twice a minute closes them."""
        live = {each.of_database for each in store.open_ones(tx)}
        return {"count": len(store.standing(tx).keys() - live), "since": None}

    # ── what other features need ──────────────────────────────────────────────────────────────────────────────

    def end(self, tx: Transaction, person: Person, now: datetime) -> None:
        """The person leaves."""
        for access in store.open_ones(tx):
            if access.person_id == person.id:
                self._end(tx, access, AccessEnding.LEFT, now)

    def _end_over(self, tx: Transaction, now: datetime) -> None:
        """End those whose time is over, and those of people who may not do this any more."""
        for access in store.open_ones(tx):
            if not rules.is_live(access, now):
                self._end(tx, access, AccessEnding.OVER, now)
                continue
            try:
                person = rules.check_found(self.people.person(tx, access.person_id))
                self._permitted(tx, person, Purpose(access.purpose), now)
            except Forbidden:
                self._end(tx, access, AccessEnding.NOT_PERMITTED, now)

    def _permitted(self, tx: Transaction, person: Person, purpose: Purpose | None, now: datetime) -> Grant:
        """By which grant the person may do this now. Raises `Forbidden` with its reason."""
        passkeys = authentication.count_passkeys(tx, person.id)
        asked = AskedAct(act=acts()[OPENING].act, purpose=purpose)
        return self.grants.permit(tx, person, asked, passkeys=passkeys, now=now)

    def _end(self, tx: Transaction, access: Access, reason: AccessEnding, now: datetime) -> None:
        store.end(tx, access, reason, by=current().actor, now=now)
        tx.outbox.add(DatabaseAccessEnded(reason=Code(reason.value), **_named(access)), now=now)


def _statement() -> Statement:
    """Who acts, as it was signed. Raises `Forbidden` where nobody says so: this was never done without."""
    statement = current().statement
    if statement is None:
        raise Forbidden("somebody of the staff does this", details={"reason": "statement_missing"})
    return statement


def _found(access: Access | None) -> Access:
    if access is None:
        raise NotFound
    return access


def _named(access: Access) -> dict[str, Any]:
    return {
        "staff_code": Code(access.code),
        "access_id": access.id,
        "database": Code(access.of_database),
    }


def _shown(access: Access, role: str) -> calls.AccessShown:
    return calls.AccessShown(
        access_id=access.id,
        code=access.code,
        database=access.of_database,
        role=role,
        reason=access.reason,
        purpose=access.purpose,
        approved_by=access.approved_by,
        opened_at=access.opened_at,
        expires_at=access.expires_at,
        password_made_at=access.password_made_at,
        ended_at=access.ended_at,
        ended_by=access.ended_by,
        ended_because=access.ended_because.value if access.ended_because else None,
    )
