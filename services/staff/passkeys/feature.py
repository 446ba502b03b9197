"""Passkeys: enrolled by an invitation, in a session or on the way back, listed, and revoked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from services.staff.authentication import store
from services.staff.authentication.attempts import refuse
from services.staff.authentication.proving import Proving
from services.staff.authentication.rules import check_changes_keys, check_changes_others
from services.staff.authentication.values import CeremonyKind, Passkey
from services.staff.passkeys import calls, rules
from services.staff.passkeys.events import PasskeyEnrolled, PasskeyRevoked
from services.staff.passkeys.values import Revocation, Way
from services.staff.people.values import LinkPurpose, Person, PersonState, existing
from services.staff.sessions.events import SessionEnded
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, NotFound, Refused, Unauthenticated
from shared.events import Code, Digest
from shared.staff import PASSKEYS_NEEDED
from shared.terms.clauses import protection
from shared.webauthn import SOFTWARE_AAGUID, NotProven, key_digest

if TYPE_CHECKING:
    from services.staff.people.feature import People
    from services.staff.recovery.feature import Recovery

PURPOSE: Final = CeremonyKind.ENROLMENT.value
WAY_OF_LINK: Final = {LinkPurpose.INVITATION: Way.INVITATION, LinkPurpose.RECOVERY: Way.RECOVERY_LINK}


class Entitled(NamedTuple):
    """Who may enrol a key, by what, what is spent by that, and the key that opened the session where it is one."""

    person: Person
    way: Way
    spend: Callable[[Transaction, datetime], None]
    passkey_id: UUID | None = None


@dataclass(eq=False)
class Passkeys(Feature):
    """The keys of the staff. `people` knows the links, `recovery` the codes by which a key may be enrolled."""

    database: Database
    clock: Clock
    proving: Proving
    people: People
    recovery: Recovery

    @alarm(
        "passkeys_copied",
        says="passkeys of staff that somebody has a copy of: a counter did not rise",
        act="vilkar person revoke-passkey CODE --passkey ID --reason stolen",
    )
    def copied(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """It goes on working for its owner, and for whoever copied it, until it is revoked."""
        return Waiting.of(store.suspected(tx))

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        nb="folk som har sluttet og fremdeles har en nøkkel eller en økt",
        en="people who have left and still have a passkey or a session",
    )
    def keys_after_exit(self, tx: Transaction, _now: datetime) -> Row | None:
        """They end in the transaction in which somebody leaves."""
        return store.keys_after_exit(tx)

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        nb="økter som virker selv om nøkkelen er trukket tilbake",
        en="sessions that last although their passkey was revoked",
    )
    def sessions_of_revoked_keys(self, tx: Transaction, _now: datetime) -> Row | None:
        """They end in the transaction in which a key is revoked."""
        return store.sessions_of_revoked_keys(tx)

    # ── enrolment ─────────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.BeginEnrolment)
    def begin_enrolment(self, call: calls.BeginEnrolment) -> calls.EnrolmentBegun:
        """Begin to enrol a passkey."""
        now, recovering = self.clock.now(), self._recovering(call.by)
        with self.database.transaction() as tx:
            person = self._entitled(tx, call.by, recovering, now).person
            known = store.live_passkeys(tx, person.id)
            rules.check_room(len(known))
            ceremony = self.proving.begin(tx, CeremonyKind.ENROLMENT, person, now)
        options = self.proving.creation_options(ceremony, person, known)
        return calls.EnrolmentBegun(ceremony_id=ceremony.id, options=options)

    @answers(calls.FinishEnrolment)
    def finish_enrolment(self, call: calls.FinishEnrolment) -> calls.Enrolled:
        """Enrol the key that the browser had made."""
        now, recovering = self.clock.now(), self._recovering(call.by)
        refusal: Refused | None = None
        with self.database.transaction() as tx:
            entitled = self._entitled(tx, call.by, recovering, now)
            person = entitled.person
            ceremony = self.proving.take(tx, call.ceremony_id, CeremonyKind.ENROLMENT, now)
            try:
                if ceremony.person_id != person.id:
                    raise NotProven("another_person")  # noqa: TRY301  # one of the many reasons, told like them
                passkey = self.proving.new_passkey(ceremony, person, call.credential, entitled.way.value, now)
            except NotProven as error:
                refusal = refuse(tx, PURPOSE, error.reason, attempt_id=ceremony.id, person=person, now=now)
            else:
                with acting_as(person.actor):
                    count = self._keep(tx, entitled, passkey, now)
        if refusal is not None:
            raise refusal
        shown = _shown(passkey, in_use=False)
        return calls.Enrolled(staff_code=person.code, passkey=shown, passkeys=count)

    def _recovering(self, by: calls.By) -> Person | None:
        """Whose recovery code it is; in a transaction of its own, for a wrong one is counted whatever follows."""
        return self.recovery.prove(by.recovery) if by.recovery is not None else None

    def _entitled(self, tx: Transaction, by: calls.By, recovering: Person | None, now: datetime) -> Entitled:
        """Who may enrol a key by this; nobody else changes them until the transaction ends."""
        if by.link is not None:
            token = by.link
            person, purpose = self.people.holder(tx, token, now)
            return Entitled(person, WAY_OF_LINK[purpose], lambda tx, now: self.people.use_link(tx, token, now))
        if by.recovery is not None and recovering is not None:
            proof, person = by.recovery, self._still_here(tx, recovering)
            return Entitled(person, Way.RECOVERY_CODE, lambda tx, now: self.recovery.spend(tx, person, proof, now))
        session = store.lock_session(tx, by.session or "", now)
        check_changes_keys(session.state, now)
        return Entitled(session.person, Way.SESSION, lambda _tx, _now: None, session.passkey_id)

    def _still_here(self, tx: Transaction, person: Person) -> Person:
        """The person as they are now, whom nobody else changes. Raises `Unauthenticated` where they have left."""
        locked = self.people.lock_by_id(tx, person.id)
        if locked is None or locked.state is PersonState.LEFT:
            raise Unauthenticated
        return locked

    def _keep(self, tx: Transaction, entitled: Entitled, passkey: Passkey, now: datetime) -> int:
        """Keep the key and end what its way ends; how many keys the person has then."""
        person = entitled.person
        rules.check_room(store.count_passkeys(tx, person.id))
        if entitled.way is Way.RECOVERY_LINK:
            self._begin_anew(tx, person, now)
        if not store.add_passkey(tx, passkey):
            raise Conflict("this key is enrolled already", details={"reason": "known_key"})
        entitled.spend(tx, now)
        enrolled = PasskeyEnrolled(
            passkey_id=passkey.id,
            staff_code=Code(person.code),
            key=Digest(key_digest(passkey.public_key)),
            way=Code(entitled.way.value),
            binding=Code("synced" if passkey.synced else "device_bound"),
        )
        tx.outbox.add(enrolled, now=now)
        count = store.count_passkeys(tx, person.id)
        if count >= PASSKEYS_NEEDED:
            self.people.activate(tx, person.id, now)
        return count

    def _begin_anew(self, tx: Transaction, person: Person, now: datetime) -> None:
        """Whoever lost everything has nothing left that somebody may have found."""
        self._revoke_all(tx, person, Revocation.RECOVERED, now)
        self.recovery.burn(tx, person, "recovered", now)

    # ── one's own keys, and those of others ───────────────────────────────────────────────────────────────────

    @answers(calls.ListPasskeys)
    def list_passkeys(self, call: calls.ListPasskeys) -> calls.PasskeysShown:
        """One's own keys."""
        with self.database.transaction() as tx:
            session = store.require_session(tx, call.token, self.clock.now())
            return _all_shown(store.live_passkeys(tx, session.person.id), session.passkey_id)

    @answers(calls.RevokePasskey)
    def revoke_passkey(self, call: calls.RevokePasskey) -> calls.PasskeysShown:
        """Revoke a key of one's own."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = store.lock_session(tx, call.token, now)
            check_changes_keys(session.state, now)
            person = session.person
            live = store.live_passkeys(tx, person.id)
            passkey = _named(live, call.passkey_id)
            rules.check_not_last(len(live))
            with acting_as(person.actor):
                self._revoke(tx, person, passkey, call.reason, now)
            return _all_shown(store.live_passkeys(tx, person.id), session.passkey_id)

    @answers(calls.PasskeysOf)
    def passkeys_of(self, call: calls.PasskeysOf) -> calls.PasskeysShown:
        """The keys of somebody of the staff."""
        with self.database.transaction() as tx:
            person = existing(self.people.person_of_code(tx, call.code))
            return _all_shown(store.live_passkeys(tx, person.id), None)

    @answers(calls.RevokePasskeyOf)
    def revoke_passkey_of(self, call: calls.RevokePasskeyOf, tx: Transaction) -> calls.PasskeysShown:
        """Revoke a key of somebody who has lost it."""
        now = self.clock.now()
        check_changes_others(current().statement, now)
        person = existing(self.people.person_of_code(tx, call.code))
        person = existing(self.people.lock_by_id(tx, person.id))
        passkey = _named(store.live_passkeys(tx, person.id), call.passkey_id)
        self._revoke(tx, person, passkey, call.reason, now)
        return _all_shown(store.live_passkeys(tx, person.id), None)

    # ── what other features need ──────────────────────────────────────────────────────────────────────────────

    def end(self, tx: Transaction, person: Person, now: datetime) -> None:
        """The person leaves."""
        self._revoke_all(tx, person, Revocation.LEFT, now)

    def _revoke_all(self, tx: Transaction, person: Person, reason: Revocation, now: datetime) -> None:
        for passkey in store.live_passkeys(tx, person.id):
            self._revoke(tx, person, passkey, reason.value, now)

    def _revoke(self, tx: Transaction, person: Person, passkey: Passkey, reason: str, now: datetime) -> None:
        """The key proves nothing any more, and the sessions end that it opened."""
        store.revoke_passkey(tx, passkey.id, reason, now)
        code = Code(person.code)
        tx.outbox.add(PasskeyRevoked(passkey_id=passkey.id, staff_code=code, reason=Code(reason)), now=now)
        for session_id in store.end_sessions(tx, person.id, now, passkey_id=passkey.id):
            ended = SessionEnded(session_id=session_id, staff_code=code, reason=Code("passkey_revoked"))
            tx.outbox.add(ended, now=now)


def _named(passkeys: Sequence[Passkey], passkey_id: UUID) -> Passkey:
    for each in passkeys:
        if each.id == passkey_id:
            return each
    raise NotFound


def _all_shown(passkeys: Sequence[Passkey], in_use: UUID | None) -> calls.PasskeysShown:
    return calls.PasskeysShown(passkeys=tuple(_shown(each, in_use=each.id == in_use) for each in passkeys))


def _shown(passkey: Passkey, *, in_use: bool) -> calls.PasskeyShown:
    return calls.PasskeyShown(
        passkey_id=passkey.id,
        synced=passkey.synced,
        software=passkey.aaguid == SOFTWARE_AAGUID,
        way=passkey.way,
        enrolled_at=passkey.enrolled_at,
        used_at=passkey.used_at,
        in_use=in_use,
        suspected_at=passkey.suspected_at,
    )
