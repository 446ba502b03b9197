"""Grants: what somebody of the staff may do, for what, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.staff.authentication import store as authentication
from services.staff.authentication.rules import check_changes_others
from services.staff.grants import calls, rules, store
from services.staff.grants.events import GrantExpired, GrantGiven, GrantRevoked
from services.staff.grants.values import ADMINISTRATORS_NEEDED, AskedAct, Grant, GrantEnding
from services.staff.people.values import LinkPurpose, Person, existing
from services.staff.periods.rules import warned_before
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import two_persons
from shared.calendar import oslo_date, start_of_day_oslo
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Row, Transaction
from shared.errors import NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.staff import PASSKEYS_NEEDED, Purpose, Role
from shared.terms.clauses import protection

if TYPE_CHECKING:
    from services.staff.people.feature import People
    from services.staff.prerequisites.recording import Recording

AT_ONCE: Final = 50
LOOKED_BACK: Final = timedelta(days=365)
"""How far back it is looked whether everybody had signed; an older undertaking may be recorded no longer."""


@dataclass(kw_only=True, eq=False)
class Grants(Feature):
    """Gives grants, ends them, and says by which of them somebody may do something.

    Whatever changes grants of somebody locks the person until the transaction ends.
    """

    database: Database
    clock: Clock
    people: People
    recording: Recording

    @answers(calls.Grants)
    def grants(self, call: calls.Grants) -> calls.GrantsShown:
        """What somebody is or was granted."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            return self.shown(tx, existing(self.people.person_of_code(tx, call.code)), now)

    @answers(calls.GiveGrant)
    def give_grant(self, call: calls.GiveGrant, tx: Transaction) -> calls.GrantShown:
        """Grant somebody a role."""
        now, person = self.clock.now(), existing(self.people.lock_by_code(tx, call.code))
        later = call.begins_on is not None and call.begins_on > oslo_date(now)
        begins_at = start_of_day_oslo(min(call.begins_on, rules.FAR_AHEAD)) if call.begins_on and later else now
        persons = two_persons()
        grant = Grant(
            id=new_id(),
            person_id=person.id,
            role=call.role,
            purpose=call.purpose,
            accounts=frozenset(call.account_ids) if call.account_ids else None,
            begins_at=begins_at,
            expires_at=rules.ends_after(call.last_day),
            granted_at=now,
            granted_by=persons.requested_by,
            approved_by=persons.approved_by,
        )
        return _shown(person, self.give(tx, person, grant, now), now)

    @answers(calls.RevokeGrant)
    def revoke_grant(self, call: calls.RevokeGrant, tx: Transaction) -> calls.GrantShown:
        """A grant gives nothing from now on."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        with self.administrators_stay(tx, now):
            named = store.get(tx, call.grant_id)
            person = self.people.lock_by_id(tx, named.person_id) if named else None
            if named is None or person is None:
                raise NotFound
            self._end(tx, person, named, GrantEnding.REVOKED, now)
        return _shown(person, store.get(tx, named.id) or named, now)

    @alarm(
        "grants_end_soon",
        says="grants of staff that end within a month: who needs one longer is granted it anew",
        act="vilkar person list",
    )
    def ending_soon(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Granted anew in time, nobody stands without."""
        return Waiting.of(store.ending(tx, warned_before(now)))

    @alarm(
        "administrators_too_few",
        says="administrators who can act are missing: two are needed to let anybody in or grant anything",
        act="vilkar person list",
    )
    def administrators_missing(self, tx: Transaction, now: datetime) -> Waiting | None:
        """How many are missing, once anybody has come: the machine's own door is all that is left then."""
        missing = ADMINISTRATORS_NEEDED - len(self._able_administrators(tx, now))
        since = store.administrators_lost(tx, now) if missing > 0 else None
        return Waiting(missing, since) if since else None

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        protection.UNDERTAKING_FIRST,
        nb="tildelinger som folk har beholdt etter at de sluttet",
        en="grants that people have kept after they left",
    )
    def kept_after_exit(self, tx: Transaction, _now: datetime) -> Row | None:
        """They end in the transaction in which somebody leaves."""
        return store.of_who_left(tx)

    @probe(
        protection.UNDERTAKING_FIRST,
        nb="tildelinger som ble gitt uten gyldig taushetserklæring og opplæring",
        en="grants given without an undertaking of confidentiality and training that counted",
        seconds=HOURLY,
    )
    def given_too_early(self, tx: Transaction, now: datetime) -> Row | None:
        """Those of the first administrators aside, which give nothing before they have signed."""
        return store.without_prerequisites(tx, now - LOOKED_BACK)

    @every(seconds=600, irreversible=True)
    def end_expired_grants(self) -> None:
        """Tell of those that are over. They have given nothing from their last instant, told or not."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for grant in store.expired(tx, now, limit=AT_ONCE):
                self._end(
                    tx, existing(self.people.lock_by_id(tx, grant.person_id)), grant, GrantEnding.EXPIRED, now
                )

    # ── what other features need ──

    def shown(self, tx: Transaction, person: Person, now: datetime) -> calls.GrantsShown:
        """All that the person is or was granted, as it is told."""
        return calls.GrantsShown(grants=tuple(_shown(person, each, now) for each in store.of_person(tx, person.id)))

    def permit(self, tx: Transaction, person: Person, asked: AskedAct, *, passkeys: int, now: datetime) -> Grant:
        """The grant by which the person may do this now. Raises `Forbidden` with its reason."""
        return self.permits(tx, person, passkeys=passkeys, now=now)(asked)

    def permits(
        self, tx: Transaction, person: Person, *, passkeys: int, now: datetime
    ) -> Callable[[AskedAct], Grant]:
        """The same for several acts, for which what the person has is looked up once."""
        return partial(
            rules.permits,
            person=person,
            grants=store.of_person(tx, person.id),
            prerequisites=self.recording.of(tx, person.id),
            passkeys=passkeys,
            now=now,
        )

    def give(self, tx: Transaction, person: Person, grant: Grant, now: datetime) -> Grant:
        """Keep a grant. Raises `Forbidden` or `Conflict` where it may not be given; `person` is locked."""
        earlier, prerequisites = store.of_person(tx, person.id), self.recording.of(tx, person.id)
        rules.check_grantable(grant, person=person, kept=earlier, prerequisites=prerequisites, now=now)
        store.add(tx, grant)
        if not grant.bootstrap:  # of the first administrators nobody has looked at who came
            givers = {by for by in (grant.granted_by, grant.approved_by) if by is not None}
            self.people.vouch(tx, person, LinkPurpose.INVITATION, by=givers)
        event = GrantGiven(
            staff_code=Code(person.code),
            grant_id=grant.id,
            role=Code(grant.role.value),
            purpose=Code(grant.purpose.value),
            begins_at=grant.begins_at,
            expires_at=grant.expires_at,
            bootstrap=grant.bootstrap,
            account_ids=None if grant.accounts is None else sorted(grant.accounts),
        )
        tx.outbox.add(event, now=now)
        return grant

    def end(self, tx: Transaction, person: Person, now: datetime) -> None:
        """All grants of who leaves end."""
        for grant in store.of_person(tx, person.id):
            self._end(tx, person, grant, GrantEnding.LEFT, now)

    def give_first(self, tx: Transaction, person: Person, now: datetime) -> Grant:
        """Make somebody whom nobody could grant anything an administrator, for who acts on the machine."""
        grant = Grant(
            id=new_id(),
            person_id=person.id,
            role=Role.STAFF_ADMIN,
            purpose=Purpose.STAFF_ADMINISTRATION,
            begins_at=now,
            expires_at=rules.longest(now, bootstrap=True),
            granted_at=now,
            granted_by=current().actor,
            bootstrap=True,
        )
        return self.give(tx, person, grant, now)

    def give_longest(self, tx: Transaction, person: Person, role: Role, purpose: Purpose, now: datetime) -> Grant:
        """Grant a role for as long as may be, in the name of who acts. Raises as `give`; `person` is locked."""
        grant = Grant(
            id=new_id(),
            person_id=person.id,
            role=role,
            purpose=purpose,
            begins_at=now,
            expires_at=rules.longest(now),
            granted_at=now,
            granted_by=current().actor,
        )
        return self.give(tx, person, grant, now)

    def administrators(self, tx: Transaction, people: Iterable[Person], now: datetime) -> frozenset[str]:
        """The codes of those who may grant others something now, and can: with two keys, and as another person."""
        makers_of = self.people.makers(tx)
        return frozenset(
            each.code
            for each in people
            if authentication.count_passkeys(tx, each.id) >= PASSKEYS_NEEDED
            and not makers_of(each.code)
            and rules.is_administrator(each, self.of(tx, each.id), self.recording.of(tx, each.id), now)
        )

    def check_exit(self, tx: Transaction, code: str, now: datetime) -> None:
        """Raise `Forbidden` for one of the last two administrators who can act; nobody else leaves meanwhile."""
        self.people.lock_everybody(tx)
        able = self._able_administrators(tx, now)
        rules.check_administrators_stay(able, able - {code})

    @contextmanager
    def administrators_stay(self, tx: Transaction, now: datetime) -> Iterator[None]:
        """Raise `Forbidden` where what is done within leaves none to follow one of the last two administrators.

        Begin with it, before anything is locked; nobody else leaves or loses anything meanwhile.
        """
        self.people.lock_everybody(tx)
        able = self._able_administrators(tx, now)
        yield
        rules.check_administrators_stay(able, self._able_administrators(tx, now))

    def _able_administrators(self, tx: Transaction, now: datetime) -> frozenset[str]:
        named = (self.people.person(tx, each) for each in store.holders(tx, Role.STAFF_ADMIN, now))
        return self.administrators(tx, (each for each in named if each is not None), now)

    def of(self, tx: Transaction, person_id: UUID) -> list[Grant]:
        """All that the person is or was granted, the newest first."""
        return store.of_person(tx, person_id)

    def _end(self, tx: Transaction, person: Person, grant: Grant, reason: GrantEnding, now: datetime) -> None:
        if not store.end(tx, grant.id, reason=reason, by=current().actor, now=now):
            return
        code, role = Code(person.code), Code(grant.role.value)
        if reason is GrantEnding.EXPIRED:
            tx.outbox.add(GrantExpired(staff_code=code, grant_id=grant.id, role=role), now=now)
        else:
            event = GrantRevoked(staff_code=code, grant_id=grant.id, role=role, reason=Code(reason.value))
            tx.outbox.add(event, now=now)


def _shown(person: Person, grant: Grant, now: datetime) -> calls.GrantShown:
    return calls.GrantShown(
        grant_id=grant.id,
        code=person.code,
        role=grant.role,
        purpose=grant.purpose,
        account_ids=None if grant.accounts is None else tuple(sorted(grant.accounts)),
        begins_at=grant.begins_at,
        expires_at=grant.expires_at,
        bootstrap=grant.bootstrap,
        granted_at=grant.granted_at,
        granted_by=grant.granted_by,
        approved_by=grant.approved_by,
        ended_at=grant.ended_at,
        ended_by=grant.ended_by,
        ended_because=grant.ended_because.value if grant.ended_because else None,
        live=grant.is_live_at(now),
    )
