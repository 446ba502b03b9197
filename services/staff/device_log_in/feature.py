"""A command line logs in: it shows a code, and a person approves it in a session at the desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.staff.authentication import store as authentication
from services.staff.authentication.rules import check_changes_keys, session_ends_at
from services.staff.authentication.values import OpenSession, SessionKind, SessionState
from services.staff.brakes import rules as brake_rules
from services.staff.brakes import store as brakes
from services.staff.device_log_in import calls, rules, store
from services.staff.device_log_in.events import DeviceLogInDecided
from services.staff.device_log_in.values import Decision, Waiting
from shared.bus import Feature, answers
from shared.calls import Done
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Conflict, Forbidden, NotFound, Refused
from shared.events import Code
from shared.identifiers import new_id, new_token

if TYPE_CHECKING:
    from services.staff.sessions.feature import Sessions

TRIES: Final = 5
"""For a code that is not another's: of four thousand million, five hundred are taken at most."""


@dataclass(eq=False)
class DeviceLogIn(Feature):
    """From a code on one screen to a session in a file."""

    database: Database
    clock: Clock
    sessions: Sessions

    # ── what a device asks ────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.BeginDeviceLogIn)
    def begin_device_log_in(self, _call: calls.BeginDeviceLogIn) -> calls.DeviceLogInBegun:
        """A device begins to log in."""
        now, token = self.clock.now(), new_token()
        with self.database.transaction() as tx:
            rules.check_room(store.count(tx, now))
            for _ in range(TRIES):
                code = rules.code_of([secrets.randbelow(len(rules.ALPHABET)) for _ in range(rules.LETTERS)])
                if store.begin(tx, new_id(), token, code, now):
                    break
            else:
                raise rules.too_soon()
        return calls.DeviceLogInBegun(
            user_code=rules.spaced(code),
            device_token=token,
            interval_seconds=int(rules.INTERVAL.total_seconds()),
            expires_at=now + rules.LASTS,
        )

    @answers(calls.PollDeviceLogIn)
    def poll_device_log_in(self, call: calls.PollDeviceLogIn) -> calls.DeviceLogInPolled:
        """Whether the person has approved."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            outcome = self._answer(tx, store.by_device(tx, call.device_token), now)
        if isinstance(outcome, Refused):
            raise outcome  # once it is committed that the device asked
        return outcome

    def _answer(self, tx: Transaction, waiting: Waiting | None, now: datetime) -> calls.DeviceLogInPolled | Refused:
        if waiting is None or not rules.is_open(waiting.begun_at, now):
            return _over("device_over")
        store.note_poll(tx, waiting.id, now)
        if waiting.polls >= rules.POLLS_MOST:
            store.drop(tx, waiting.id)
            return _over("asked_too_often")
        if rules.comes_too_soon(waiting.asked_at, now):
            return rules.too_soon()
        if waiting.decision is None:
            return calls.DeviceLogInPolled(
                approved=False, token=None, staff_code=None, session_id=None, expires_at=None
            )
        store.drop(tx, waiting.id)
        if waiting.decision is Decision.REFUSED:
            return _over("device_refused")
        return self._let_in(tx, waiting, now)

    def _let_in(self, tx: Transaction, waiting: Waiting, now: datetime) -> calls.DeviceLogInPolled | Refused:
        """Open a session like the one in which it was approved, which must still be open."""
        decided_in = waiting.decided_in
        approved_in = authentication.lock_session_of_id(tx, decided_in, now) if decided_in else None
        if approved_in is None:
            return _over("device_over")
        token, kind = new_token(), SessionKind.COMMAND_LINE
        authenticated_at = approved_in.state.authenticated_at
        session_id = self.sessions.open(
            tx,
            token,
            approved_in.person,
            approved_in.passkey_id,
            kind=kind,
            authenticated_at=authenticated_at,
            now=now,
        )
        begun = SessionState(created_at=now, seen_at=now, authenticated_at=authenticated_at, kind=kind)
        return calls.DeviceLogInPolled(
            approved=True,
            token=token,
            staff_code=approved_in.person.code,
            session_id=session_id,
            expires_at=session_ends_at(begun),
        )

    # ── what a person decides ─────────────────────────────────────────────────────────────────────────────────

    @answers(calls.ShowDeviceLogIn)
    def show_device_log_in(self, call: calls.ShowDeviceLogIn) -> calls.DeviceLogInShown:
        """The device with this code."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            found = self._found(tx, authentication.require_session(tx, call.token, now), call.user_code, now)
        if isinstance(found, Refused):
            raise found  # once it is committed that somebody guessed
        return calls.DeviceLogInShown(
            request_id=found.id, begun_at=found.begun_at, expires_at=found.begun_at + rules.LASTS
        )

    @answers(calls.DecideDeviceLogIn)
    def decide_device_log_in(self, call: calls.DecideDeviceLogIn) -> Done:
        """Let the device in, or refuse it."""
        now = self.clock.now()
        decision = Decision.APPROVED if call.approve else Decision.REFUSED
        with self.database.transaction() as tx:
            session = authentication.require_session(tx, call.token, now)
            check_changes_keys(session.state, now)
            found = self._found(tx, session, call.user_code, now)
            if not isinstance(found, Refused):
                store.decide(tx, found.id, decision, session.id)
                decided = DeviceLogInDecided(
                    request_id=found.id,
                    staff_code=Code(session.person.code),
                    decision=Code(decision.value),
                )
                with acting_as(session.person.actor):
                    tx.outbox.add(decided, now=now)
        if isinstance(found, Refused):
            raise found
        return Done()

    def _found(self, tx: Transaction, session: OpenSession, user_code: str, now: datetime) -> Waiting | Refused:
        """The device with this code, not decided yet; a code that is none counts against whoever typed it."""
        about = f"device:{session.person.id}"
        until = brakes.closed_until(tx, about, now)
        if until is not None:
            return brake_rules.too_many(until, now)
        waiting = store.by_code(tx, user_code)
        if waiting is None or not rules.is_open(waiting.begun_at, now):
            brakes.count_failure(tx, about, now)
            return NotFound("no device waits with this code", details={"reason": "unknown_code"})
        if waiting.decision is not None:
            return Conflict("this was decided already", details={"reason": waiting.decision.value})
        return waiting


def _over(reason: str) -> Forbidden:
    return Forbidden("this device has to begin again", details={"reason": reason})
