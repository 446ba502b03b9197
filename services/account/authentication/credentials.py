"""How people prove who they are. Passwords are compared while no database connection is held."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.account.accounts import rules as account_rules
from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting_user
from services.account.accounts.values import AccountState, UserState
from services.account.authentication import rules, store
from services.account.authentication.calls import Credentials, Origin, WithPassword
from services.account.authentication.password_hashing import PasswordHashing
from services.account.authentication.values import Brakes, Candidate, Counted, OpenSession, Proof, Reproof, Settled
from services.account.authorisation.rules import check_proved
from services.account.field_encryption.sealing import Sealing
from services.account.login.events import LoginFailed, LoginSucceeded
from shared.actor import Actor
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany, Unauthenticated
from shared.events import Code

WRONG: Final = frozenset({"unknown_address", "wrong_password", "no_password", "reset_required"})
"""Told to the caller as one and the same."""
ERRORS: Final[Mapping[str, Callable[[], Exception]]] = MappingProxyType(
    {
        **dict.fromkeys(WRONG, lambda: Unauthenticated("the address or the password is wrong")),
        "unconfirmed": lambda: Forbidden(
            "the address has not been confirmed yet", details={"reason": "unconfirmed"}
        ),
        "account_active": lambda: Conflict("is active already"),
        "account_blocked": account_rules.blocked,
        "held_by_staff": account_rules.held_by_staff,
        "bankrupt": account_rules.only_the_trustee,
    }
)
"""By refusal: what whoever tried is told. Of all others only that company or user are inactive."""


def wrong_password() -> Forbidden:
    """The password that was given once more is not the one that is kept."""
    return Forbidden("the current password is wrong", details={"reason": "wrong_password"})


Refusal = Callable[[AccountState, UserState], str | None]


def error_of_refusal(refusal: str | None) -> Exception:
    """What the caller is told of a refusal; whether an address is known is not part of it."""
    return ERRORS.get(refusal or "wrong_password", Locked)()


class Authentication:
    """Compares what is given with what is kept, counts what fails, and says who it was."""

    def __init__(self, database: Database, clock: Clock, sealing: Sealing, hashing: PasswordHashing) -> None:
        """`sealing` makes the digests by which addresses are found."""
        self._database = database
        self._clock = clock
        self._sealing = sealing
        self.hashing = hashing

    # ── an address and its password ───────────────────────────────────────────────────────────────────────

    def compare(self, given: Credentials) -> Proof:
        """Compare the password, unless name or address have failed too often. Raises `TooMany`."""
        email_index = self._sealing.of_email(given.email)
        brakes, now = self._brakes(email_index, given.origin), self._clock.now()
        with self._database.transaction() as tx:
            candidate = store.candidate(tx, email_index)
            counted = _count_in_advance(tx, brakes, now)
        origin = self._sealing.origin(
            given.origin,
            email_index,
            user_id=candidate.user_id if candidate else None,
            account_id=candidate.account_id if candidate else None,
        )
        if isinstance(counted, datetime):
            with self._database.transaction() as tx:
                _record(tx, candidate, origin, "delayed", now)
            raise _too_many(counted, now)
        matched = self.hashing.matches(candidate.password_hash if candidate else None, given.password)
        return Proof(candidate=candidate, matched=matched, origin=origin, counted=counted)

    def settle(
        self, tx: Transaction, proof: Proof, refusal: Refusal, *, lock: accounts.Lock, now: datetime
    ) -> Settled:
        """Decide on states that cannot change before the transaction ends, and record the attempt."""
        settled = _decide(tx, proof, refusal, lock)
        if settled.refusal not in WRONG:
            _forgive(tx, proof.counted, now)
        _record(tx, proof.candidate, proof.origin, settled.refusal, now)
        return settled

    # ── a session, and the password once more inside it ───────────────────────────────────────────────────

    def open_session(self, tx: Transaction, token: str, now: datetime) -> OpenSession:
        """The session of this token. Raises `Unauthenticated` where it is not open any more."""
        session = store.session(tx, token)
        if session is None or not rules.session_is_open(session.state, now):
            raise Unauthenticated
        return session

    def prove_again(self, token: str, password: str, origin: Origin) -> tuple[OpenSession, Reproof]:
        """Compare the password of whoever has this session. Raises `Unauthenticated`, `TooMany`, `Forbidden`."""
        with self._database.transaction() as tx:
            session = self.open_session(tx, token, self._clock.now())
        return session, self._prove(session.user_id, password, origin)

    def prove_owner(self, actor: Actor, given: WithPassword) -> Reproof | None:
        """Compare the password that an owner gives with an act; None where none is given, and for the staff.

        Whose session it is was asked before the call came here. Raises `TooMany`, `Forbidden`.
        """
        if actor.user_id is None or given.current_password is None or given.origin is None:
            return None
        return self._prove(actor.user_id, given.current_password, given.origin)

    def settle_act(self, tx: Transaction, actor: Actor, proof: Reproof | None, *, is_needed: bool) -> None:
        """Hold an act against what `prove_owner` found; the account is entered and locked.

        Raises `Invalid` where one is needed and none was given, `Forbidden` where the password was changed since.
        """
        if proof is not None:
            self.settle_owner(tx, proof)
        elif is_needed:
            check_proved(actor, is_proved=False)

    def _prove(self, user_id: UUID, password: str, origin: Origin) -> Reproof:
        now = self._clock.now()
        with self._database.transaction() as tx:
            candidate, email_index = store.candidate_by_id(tx, user_id)
            brakes = self._brakes(email_index, origin)
            counted = _count_in_advance(tx, brakes, now)
        if isinstance(counted, datetime):
            raise _too_many(counted, now)
        if not self.hashing.matches(candidate.password_hash, password):
            raise wrong_password()
        return Reproof(candidate=candidate, counted=counted)

    def settle_again(self, tx: Transaction, token: str, proof: Reproof) -> UserState:
        """The user who proved it, locked; the account must be locked already. Raises where anything changed."""
        user = self.settle_owner(tx, proof)
        self.open_session(tx, token, proof.counted.at)
        return user

    def settle_owner(self, tx: Transaction, proof: Reproof) -> UserState:
        """The same for whoever acts in an account that is entered already, and locked."""
        user = accounts.user(tx, proof.candidate.user_id, lock=True)
        credential = store.credential(tx, user.id)
        if credential is None or credential.password_hash != proof.candidate.password_hash:
            raise wrong_password()
        _forgive(tx, proof.counted, proof.counted.at)
        return user

    # ── brakes ────────────────────────────────────────────────────────────────────────────────────────────

    def proved_by_letter(self, tx: Transaction, email_index: bytes, origin: Origin | None, now: datetime) -> None:
        """A letter was read: the failures are forgotten, and what others try does not keep its reader out."""
        store.forget_failures(tx, self._sealing.brake_of_name(email_index), now=now)
        if origin is not None:
            store.note_proof(tx, self._sealing.brake_of_own(email_index, origin.ip), now=now)

    def _brakes(self, email_index: bytes, origin: Origin) -> Brakes:
        return Brakes(
            name=self._sealing.brake_of_name(email_index),
            address=self._sealing.brake_of_address(origin.ip),
            own=self._sealing.brake_of_own(email_index, origin.ip),
        )


def _count_in_advance(tx: Transaction, brakes: Brakes, now: datetime) -> datetime | Counted:
    """Count this attempt as failed until it proves otherwise, so that many at once do not slip through.

    Returns until when name or address are closed; then nothing is counted. Whoever proved the name from this
    address of late fails on a count of one's own: neither name nor address are closed by what others try.
    """
    of_name, of_address = (store.failures(tx, key, now=now) for key in (brakes.name, brakes.address))
    of_own = store.own_failures(tx, brakes.own, now=now)
    key, failures = (brakes.name, of_name) if of_own is None else (brakes.own, of_own)
    closed = [rules.name_closed_until(failures, now)]
    if of_own is None:
        closed.append(rules.address_closed_until(of_address, now))
    ahead = [instant for instant in closed if instant is not None]
    if ahead:
        return max(ahead)
    for place, before in ((key, failures), (brakes.address, of_address)):
        store.set_failures(tx, place, rules.kept_failures([*before, now], now), now=now)
    return Counted(brakes=brakes, key=key, at=now)


def _forgive(tx: Transaction, counted: Counted, now: datetime) -> None:
    """The password was right: earlier failures are forgotten where it was counted, the address's stand but for it.

    What others began meanwhile still counts, and what they try from now on does not keep this one out.
    """
    brakes = counted.brakes
    of_name, of_address = (store.failures(tx, key, now=now) for key in (brakes.name, brakes.address))
    if counted.key == brakes.name:
        store.set_failures(tx, brakes.name, rules.failures_after(of_name, counted.at), now=now)
    if counted.at in of_address:
        of_address.remove(counted.at)
    store.set_failures(tx, brakes.address, of_address, now=now)
    store.note_proof(tx, brakes.own, now=now)


def _decide(tx: Transaction, proof: Proof, refusal: Refusal, lock: accounts.Lock) -> Settled:
    if proof.candidate is None:
        return Settled(refusal="unknown_address")
    if proof.candidate.password_hash is None:
        return Settled(refusal="no_password")
    if not proof.matched:
        return Settled(refusal="wrong_password")
    try:
        account = accounts.account(tx, proof.candidate.account_id, lock)
        user = accounts.user(tx, proof.candidate.user_id, lock=True)
    except NotFound:
        return Settled(refusal="unknown_address")
    credential = store.credential(tx, user.id)
    if credential is None or credential.password_hash != proof.candidate.password_hash:
        return Settled(refusal="wrong_password")
    reason = "reset_required" if credential.reset_required_at else refusal(account, user)
    return Settled(refusal=reason) if reason else Settled(refusal=None, account=account, user=user)


def _record(
    tx: Transaction, candidate: Candidate | None, origin: dict[str, Any], refusal: str | None, now: datetime
) -> None:
    attempt_id = store.insert_attempt(tx, origin, candidate=candidate, outcome=refusal or "succeeded", now=now)
    if candidate is not None and refusal is None:
        ids = {"account_id": candidate.account_id, "user_id": candidate.user_id}
        with acting_user(candidate.user_id):
            tx.outbox.add(LoginSucceeded(**ids, attempt_id=attempt_id), now=now)
        return
    failed = LoginFailed(
        account_id=candidate.account_id if candidate else None,
        user_id=candidate.user_id if candidate else None,
        attempt_id=attempt_id,
        reason=Code(refusal or "unknown_address"),
    )
    tx.outbox.add(failed, now=now)


def _too_many(until: datetime, now: datetime) -> TooMany:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return TooMany(details={"retry_after_seconds": seconds})
