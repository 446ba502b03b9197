"""Ways back for somebody who has lost their passkeys: recovery codes, and a link that another person asks for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.staff.authentication import store as authentication
from services.staff.authentication.attempts import about, refuse
from services.staff.authentication.proving import refused
from services.staff.authentication.rules import check_changes_keys, check_changes_others, check_in_browser
from services.staff.brakes import store as brakes
from services.staff.people.events import StaffVouchedFor
from services.staff.people.values import LinkPurpose, Person, PersonState, existing
from services.staff.recovery import calls, rules, store
from services.staff.recovery.events import RecoveryCodesBurnt, RecoveryCodesMade, RecoveryCodeUsed
from services.staff.vouching.rules import check_vouches
from shared.actor import staff_code
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.calls import Done
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Database, Transaction
from shared.errors import Conflict, Forbidden, NotFound
from shared.events import Code
from shared.identifiers import new_id

if TYPE_CHECKING:
    from services.staff.people.feature import People

PURPOSE: Final = "recovery"
UNKNOWN: Final = "unknown_code"
NOBODY: Final = UUID(int=0)
"""Whose code is looked up where nobody is called so: it takes as long."""


@dataclass(eq=False)
class Recovery(Feature):
    """What somebody comes back with. A right code is taken however often others failed in the person's name."""

    database: Database
    clock: Clock
    people: People

    @answers(calls.MakeRecoveryCodes)
    def make_recovery_codes(self, call: calls.MakeRecoveryCodes) -> calls.RecoveryCodesShown:
        """Ten codes in the place of those from before."""
        codes = [_new_code() for _ in range(rules.CODES)]
        with self.database.transaction() as tx:
            session = authentication.lock_session(tx, call.token, self.clock.now())
            now = self.clock.now()  # later than that of whoever made codes meanwhile: the last ones count
            check_changes_keys(session.state, now)
            person = session.person
            set_id = store.replace_codes(tx, person.id, [rules.digest(person.id, each) for each in codes], now)
            with acting_as(person.actor):
                tx.outbox.add(RecoveryCodesMade(set_id=set_id, staff_code=Code(person.code)), now=now)
        return calls.RecoveryCodesShown(codes=tuple(rules.spaced(each) for each in codes))

    @answers(calls.RecoveryCodesLeft)
    def recovery_codes_left(self, call: calls.RecoveryCodesLeft) -> calls.RecoveryCodesLeftShown:
        """How many of one's own codes are left."""
        with self.database.transaction() as tx:
            session = authentication.require_session(tx, call.token, self.clock.now())
            return _left(tx, session.person)

    @answers(calls.BurnRecoveryCodes)
    def burn_recovery_codes(self, call: calls.BurnRecoveryCodes) -> calls.RecoveryCodesLeftShown:
        """None of one's own codes works any more."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = authentication.lock_session(tx, call.token, now)
            check_in_browser(session.state)
            with acting_as(session.person.actor):
                self.burn(tx, session.person, "own_wish", now)
            return _left(tx, session.person)

    @answers(calls.IssueRecoveryLink)
    def issue_recovery_link(self, call: calls.IssueRecoveryLink, tx: Transaction) -> Done:
        """A link for somebody who has lost everything, asked for by another."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        person = self.people.person_of_code(tx, call.code)
        if person is None:
            raise NotFound
        if current().actor == person.actor:
            raise Forbidden("it takes another person to let somebody back", details={"reason": "own_recovery"})
        if person.state is not PersonState.ACTIVE:
            raise Conflict("they do not work here", details={"state": person.state.value})
        if self.people.was_let_back(tx, staff_code(current().actor)):
            raise Forbidden("who was let back lately lets nobody back", details={"reason": "let_back_lately"})
        self.people.issue_link(tx, person, LinkPurpose.RECOVERY, call.token_digest, now)
        return Done()

    @answers(calls.VouchForPerson)
    def vouch_for_person(self, call: calls.VouchForPerson, tx: Transaction) -> Done:
        """Say that it was they who came."""
        now, by = self.clock.now(), current().actor
        check_changes_others(current().statement, now)
        person = existing(self.people.lock_by_code(tx, call.code))
        check_vouches(person.code, staff_code(by), makers_of=self.people.makers(tx))
        if not self.people.vouch(tx, person, *LinkPurpose, by={by}):
            raise Conflict("Nobody is waited for to say so.", details={"reason": "vouched_for_already"})
        tx.outbox.add(StaffVouchedFor(staff_code=Code(person.code)), now=now)
        return Done()

    @alarm(
        "nobody_vouched",
        says="people who came by a link of a colleague, of whom no third person has said that it was they",
        act="vilkar person list",
    )
    def nobody_vouched(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Until somebody has they are not another person than whoever made the link."""
        return self.people.unvouched(tx)

    # ── what other features need ──────────────────────────────────────────────────────────────────────────────

    def prove(self, proof: calls.RecoveryProof) -> Person:
        """Whose code this is; it is not spent by that. Raises `Forbidden`.

        What is refused is refused alike, whether somebody is called so or nobody, and however many were wrong: else
        the answer would tell who works here.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            named = self.people.person_of_code(tx, proof.staff_code)
            person = named if named and named.state is PersonState.ACTIVE else None
            person_id = person.id if person else NOBODY
            if store.is_code(tx, person_id, rules.digest(person_id, proof.code)) and person is not None:
                brakes.release(tx, about(PURPOSE, person))
                return person
            refuse(tx, PURPOSE, UNKNOWN, attempt_id=new_id(), person=person, now=now)
        raise refused(UNKNOWN)

    def spend(self, tx: Transaction, person: Person, proof: calls.RecoveryProof, now: datetime) -> None:
        """The code has enrolled a passkey, and works no more. Raises `Forbidden` where it was spent meanwhile."""
        used = store.use_code(tx, person.id, rules.digest(person.id, proof.code))
        if used is None:
            raise Forbidden("this code was used", details={"reason": "unknown_code"})
        tx.outbox.add(RecoveryCodeUsed(set_id=used.set_id, code_id=used.id, staff_code=Code(person.code)), now=now)

    def burn(self, tx: Transaction, person: Person, reason: str, now: datetime) -> None:
        """None of the person's codes works any more."""
        for set_id in store.drop_codes(tx, person.id):
            burnt = RecoveryCodesBurnt(set_id=set_id, staff_code=Code(person.code), reason=Code(reason))
            tx.outbox.add(burnt, now=now)

    def end(self, tx: Transaction, person: Person, now: datetime) -> None:
        """The person leaves."""
        self.burn(tx, person, "left", now)


def _new_code() -> str:
    return rules.code_of([secrets.randbelow(len(rules.ALPHABET)) for _ in range(rules.LETTERS - 1)])


def _left(tx: Transaction, person: Person) -> calls.RecoveryCodesLeftShown:
    left = store.left(tx, person.id)
    return calls.RecoveryCodesLeftShown(left=left.codes, made_at=left.made_at)
