"""Log-in by passkey, and sessions until they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.staff.authentication import store
from services.staff.authentication.attempts import about, refuse
from services.staff.authentication.proving import Proving
from services.staff.authentication.rules import check_changes_others, session_ends_at, touch_is_due
from services.staff.authentication.values import (
    CeremonyKind,
    Judged,
    OpenSession,
    SessionKind,
    SessionState,
)
from services.staff.brakes import store as brakes
from services.staff.people.values import Person
from services.staff.sessions import calls
from services.staff.sessions.events import RequestsRefused, SessionEnded, SessionOpened
from shared.actor import staff_actor
from shared.bus import Feature, answers, every
from shared.calls import Done
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Database, Transaction
from shared.errors import NotFound, Refused
from shared.events import Code
from shared.identifiers import new_id, new_token

if TYPE_CHECKING:
    from services.staff.people.feature import People

PURPOSE: Final = CeremonyKind.LOG_IN.value
BATCH: Final = 500
BATCHES_A_TURN: Final = 20

Expire = Callable[[Transaction, datetime, int], int]
"""Deletes what is over by now, so many rows of each kind; how many rows it were."""


@dataclass(eq=False)
class Sessions(Feature):
    """Who is logged in. `expiring` is what else is deleted when its time is over."""

    database: Database
    clock: Clock
    proving: Proving
    people: People
    expiring: Sequence[Expire] = ()

    @answers(calls.BeginLogIn)
    def begin_log_in(self, _call: calls.BeginLogIn) -> calls.LogInBegun:
        """Begin to log in."""
        with self.database.transaction() as tx:
            ceremony = self.proving.begin(tx, CeremonyKind.LOG_IN, None, self.clock.now())
        options = self.proving.request_options(ceremony.challenge)
        return calls.LogInBegun(ceremony_id=ceremony.id, options=options)

    @answers(calls.LogIn)
    def log_in(self, call: calls.LogIn) -> calls.LoggedIn:
        """Open a session with a passkey."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            ceremony = self.proving.take(tx, call.ceremony_id, CeremonyKind.LOG_IN, now)
            judged = self.proving.judge(tx, ceremony.challenge, call.assertion, now)
            outcome = self._settle(tx, ceremony.id, judged, now)
        if isinstance(outcome, Refused):
            raise outcome  # once it is committed that somebody failed
        return outcome

    def _settle(self, tx: Transaction, attempt_id: UUID, judged: Judged, now: datetime) -> calls.LoggedIn | Refused:
        """Open the session, or count the failure."""
        passkey = judged.passkey
        person = self.people.person(tx, passkey.person_id) if passkey else None
        if passkey is None or person is None or judged.refusal is not None:
            reason, passkey_id = judged.refusal or "unknown_key", passkey.id if passkey else None
            return refuse(tx, PURPOSE, reason, attempt_id=attempt_id, person=person, passkey_id=passkey_id, now=now)
        brakes.release(tx, about(PURPOSE, person))
        token, kind = new_token(), SessionKind.DESK
        session_id = self.open(tx, token, person, passkey.id, kind=kind, authenticated_at=now, now=now)
        begun = SessionState(created_at=now, seen_at=now, authenticated_at=now, kind=kind)
        return calls.LoggedIn(
            token=token,
            session_id=session_id,
            staff_code=person.code,
            passkeys=store.count_passkeys(tx, person.id),
            expires_at=session_ends_at(begun),
        )

    @answers(calls.Authenticate)
    def authenticate(self, call: calls.Authenticate) -> calls.Authenticated:
        """Whose session it is."""
        with self.database.transaction() as tx:
            session = self.use(tx, call.token, self.clock.now())
            passkeys = store.count_passkeys(tx, session.person.id)
        return calls.Authenticated(
            staff_code=session.person.code,
            session_id=session.id,
            kind=session.state.kind.value,
            passkeys=passkeys,
            authenticated_at=session.state.authenticated_at,
            expires_at=session_ends_at(session.state),
        )

    @answers(calls.LogOut)
    def log_out(self, call: calls.LogOut) -> Done:
        """End the session."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = store.session(tx, call.token, now)
            if session is not None:
                store.end_session(tx, session.id, session.person.id, now)
                with acting_as(session.person.actor):
                    _tell_ended(tx, session.person, [session.id], "logged_out", now)
        return Done()

    @answers(calls.ListSessions)
    def list_sessions(self, call: calls.ListSessions) -> calls.SessionsShown:
        """One's own open sessions."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            return _shown(tx, store.require_session(tx, call.token, now), now)

    @answers(calls.EndSession)
    def end_session(self, call: calls.EndSession) -> calls.SessionsShown:
        """End a session of one's own."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = store.lock_session(tx, call.token, now)
            if not store.end_session(tx, call.session_id, session.person.id, now):
                raise NotFound
            with acting_as(session.person.actor):
                _tell_ended(tx, session.person, [call.session_id], "own_wish", now)
            return _shown(tx, session, now)

    @answers(calls.TellRequestsRefused)
    def tell_requests_refused(self, call: calls.TellRequestsRefused) -> Done:
        """What the desk turned away goes to the trail; the desk has no database of its own."""
        refused = RequestsRefused(report_id=new_id(), reason=Code(call.reason), count=call.count)
        with self.database.transaction() as tx:
            tx.outbox.add(refused, now=self.clock.now())
        return Done()

    @answers(calls.EndSessionsOf)
    def end_sessions_of(self, call: calls.EndSessionsOf, tx: Transaction) -> calls.SessionsEnded:
        """End all sessions of somebody of the staff."""
        now = self.clock.now()
        if current().actor != staff_actor(call.code):  # whose own session was stolen ends them all at once
            check_changes_others(current().statement, now)
        person = self.people.lock_by_code(tx, call.code)
        if person is None:
            raise NotFound
        ended = store.end_sessions(tx, person.id, now)
        _tell_ended(tx, person, ended, "by_another", now)
        return calls.SessionsEnded(ended=len(ended))

    @every(seconds=60, irreversible=True)
    def purge_ended(self) -> None:
        """Delete in batches until nothing is left, or for as long as a turn lasts."""
        now = self.clock.now()
        for _ in range(BATCHES_A_TURN):
            with self.database.transaction() as tx:
                if not sum(expire(tx, now, BATCH) for expire in self.expiring):
                    return

    # ── what other features need ──────────────────────────────────────────────────────────────────────────────

    def use(self, tx: Transaction, token: str, now: datetime) -> OpenSession:
        """The session of this token, which is used now. Raises `Unauthenticated` where it is not open."""
        session = store.require_session(tx, token, now)
        if touch_is_due(session.state, now):
            store.touch_session(tx, session.id, now)
            return replace(session, state=replace(session.state, seen_at=now))
        return session

    def open(
        self,
        tx: Transaction,
        token: str,
        person: Person,
        passkey_id: UUID,
        *,
        kind: SessionKind,
        authenticated_at: datetime,
        now: datetime,
    ) -> UUID:
        """Open a session for somebody who has proved who they are; their oldest beyond the limit end. Its id."""
        session_id = store.open_session(
            tx,
            token,
            person_id=person.id,
            passkey_id=passkey_id,
            kind=kind,
            authenticated_at=authenticated_at,
            now=now,
        )
        opened = SessionOpened(
            session_id=session_id, staff_code=Code(person.code), passkey_id=passkey_id, kind=Code(kind.value)
        )
        with acting_as(person.actor):
            tx.outbox.add(opened, now=now)
            _tell_ended(tx, person, store.end_oldest_sessions(tx, person.id, now), "too_many", now)
        return session_id

    def end(self, tx: Transaction, person: Person, now: datetime) -> None:
        """The person leaves."""
        _tell_ended(tx, person, store.end_sessions(tx, person.id, now), "left", now)


def _tell_ended(tx: Transaction, person: Person, ended: Sequence[UUID], reason: str, now: datetime) -> None:
    for session_id in ended:
        event = SessionEnded(session_id=session_id, staff_code=Code(person.code), reason=Code(reason))
        tx.outbox.add(event, now=now)


def _shown(tx: Transaction, session: OpenSession, now: datetime) -> calls.SessionsShown:
    """The open sessions of whoever holds this one."""
    return calls.SessionsShown(
        sessions=tuple(
            calls.SessionShown(
                session_id=session_id,
                kind=state.kind.value,
                opened_at=state.created_at,
                seen_at=state.seen_at,
                expires_at=session_ends_at(state),
                current=session_id == session.id,
            )
            for session_id, state in store.sessions_of(tx, session.person.id, now)
        )
    )
