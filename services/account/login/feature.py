"""Log-in, sessions and passwords. Passwords are compared while no database connection is held."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from services.account import rules
from services.account.access_store import Candidate, OpenSession, Ticket
from services.account.accounts.calls import AccountChanged, Done
from services.account.accounts.values import LANGUAGES, AccountState, UserState
from services.account.agreements.calls import Agreement
from services.account.agreements.events import AgreementAccepted
from services.account.authentication.calls import Credentials, Origin
from services.account.authentication.values import SessionState
from services.account.confirmation.events import UserEmailConfirmed
from services.account.entry import AGREEMENT_DOCUMENT, DONE, acting_user, address_not_taken, not_under_erasure
from services.account.field_encryption.sealing import Row
from services.account.letters import letter_rules
from services.account.login.calls import Authenticate, Authenticated, LoggedIn, LogOut
from services.account.login.calls import LogIn as LogInCall
from services.account.login.events import LoginFailed, LoginSucceeded
from services.account.passwords.calls import ChangePassword, ResetPassword
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.calls import ReactivateWithPassword
from services.account.reactivation.events import AccountReactivated
from services.account.sign_up.feature import SignUp, accepted_columns
from services.account.suspicion import suspicion_rules
from services.account.termination import contract
from shared.actor import Actor
from shared.bus import answers
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany, Unauthenticated
from shared.events import Code
from shared.identifiers import new_token

SET_BY_LETTER: Final = ("password_reset", "invitation")
WRONG: Final = frozenset({"unknown_address", "wrong_password", "no_password"})
"""Told to the caller as one and the same."""

Refusal = Callable[[AccountState, UserState], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An address and a password as they were compared, before anything is decided."""

    candidate: Candidate | None
    matched: bool
    origin: Row
    brakes: tuple[bytes, bytes]
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproof:
    """A password compared once more inside a session; it counts once `settle_proof` has found all unchanged."""

    candidate: Candidate
    brakes: tuple[bytes, bytes]
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of an attempt: a refusal's code, or the account and user that were proved."""

    refusal: str | None
    account: AccountState | None = None
    user: UserState | None = None


class LogIn(SignUp):
    """How people prove who they are."""

    @answers(LogInCall)
    def log_in(self, call: LogInCall) -> LoggedIn:
        """Open a session for an address and its password."""
        proof = self._compare(call)
        new_hash = self._newer_hash(proof, call.password)
        token, now = new_token(), self.clock.now()
        with self.database.transaction() as tx:
            settled = self._settle(tx, proof, rules.login_refusal, now)
            if settled.user is not None:
                self.store.open_session(tx, settled.user, token, now=now)
                self._keep_newer_hash(tx, proof, new_hash)
                language = self.store.user_row(tx, settled.user.id)["language"]
        if settled.user is None:
            raise told_of_refusal(settled.refusal)
        return LoggedIn(
            token=token,
            account_id=settled.user.account_id,
            user_id=settled.user.id,
            role=settled.user.role,
            language=language,
            expires_at=rules.session_ends_at(SessionState(created_at=now, seen_at=now)),
        )

    @answers(ReactivateWithPassword)
    def reactivate_with_password(self, call: ReactivateWithPassword) -> AccountChanged:
        """Reactivate the inactive account of an owner, who cannot log in to it, unless staff made it inactive."""
        proof, now = self._compare(call), self.clock.now()
        with self.database.transaction() as tx:
            settled = self._settle(tx, proof, rules.reactivation_refusal, now)
            if settled.user is not None and settled.account is not None:
                with acting_user(settled.user.id):
                    return self.take_up_again(tx, settled.account, by=settled.user, agreement=call.agreement)
        raise told_of_refusal(settled.refusal)

    def take_up_again(
        self,
        tx: Transaction,
        account: AccountState,
        *,
        by: UserState | None = None,
        agreement: Agreement | None = None,
    ) -> AccountChanged:
        """Make a locked, inactive account active, `by` an owner or by staff.

        Where the contract has ended, coming back concludes it anew, for which the owner must accept the terms in
        force. Raises `Conflict` without that, and once the erasure has begun.
        """
        now, version = self.clock.now(), account.version + 1
        rules.check_way_back(erasure_has_begun=self.store.erasure_has_begun(tx, account.id))
        with not_under_erasure():
            self.sealing.assert_kept(account.id, now)
        notice = self.store.notice(tx, account.id)
        if contract.must_accept(account, notice, today=oslo_date(now), is_staff=by is None):
            self.conclude(tx, by, agreement, now)
        self.store.reactivate_account(tx, account.id, now=now)
        if by is not None:
            self.store.drop_spent_notice(tx, account.id, today=oslo_date(now))
        tx.outbox.add(AccountReactivated(account_id=account.id), now=now, sequence=version)
        return AccountChanged(account_id=account.id, version=version, state="active")

    def conclude(self, tx: Transaction, by: UserState | None, agreement: Agreement | None, now: datetime) -> None:
        """Keep that an owner, whose address is proved, accepted the terms in force, in the language shown.

        Raises `Conflict` where nobody did. The digest of the text shown says which language that was; without one
        it is the owner's own.
        """
        accepted = self.terms_now()
        shown = accepted.language_of(agreement.text_sha256 if agreement else None)
        language = shown or (self.store.user_row(tx, by.id)["language"] if by else LANGUAGES[0])
        rules.check_new_agreement(agreement, accepted.version, accepted.sha256(language))
        if by is None or agreement is None:
            return
        self.store.accept_anew(tx, by, accepted_columns(agreement, accepted, language), now=now)
        ids = {"account_id": by.account_id, "user_id": by.id}
        event = AgreementAccepted(**ids, document=AGREEMENT_DOCUMENT, terms_version=Code(accepted.version))
        tx.outbox.add(event, now=now)

    # ── proving and settling ──────────────────────────────────────────────────────────────────────────────

    def _compare(self, given: Credentials) -> Proof:
        """Compare the password, unless name or address have failed too often. Raises `TooMany`."""
        email_index = self.sealing.of_email(given.email)
        brakes = (self.sealing.brake_of_name(email_index), self.sealing.brake_of_address(given.origin.ip))
        now = self.clock.now()
        with self.database.transaction() as tx:
            candidate = self.store.candidate(tx, email_index)
            closed_until = self._count_in_advance(tx, brakes, now)
        origin = self.sealing.origin(
            given.origin,
            user_id=candidate.user_id if candidate else None,
            account_id=candidate.account_id if candidate else None,
        )
        if closed_until is not None:
            with self.database.transaction() as tx:
                self._record(tx, candidate, origin, "delayed", now)
            raise _too_many(closed_until, now)
        matched = self.passwords.matches(candidate.password_hash if candidate else None, given.password)
        return Proof(candidate=candidate, matched=matched, origin=origin, brakes=brakes, counted_at=now)

    def _count_in_advance(self, tx: Transaction, brakes: tuple[bytes, bytes], now: datetime) -> datetime | None:
        """Count this attempt as failed until it proves otherwise, so that many at once do not slip through.

        Returns until when name or address are closed; then nothing is counted.
        """
        of_name, of_address = (self.store.failures(tx, key, now=now) for key in brakes)
        closed = [rules.name_closed_until(of_name, now), rules.address_closed_until(of_address, now)]
        ahead = [instant for instant in closed if instant is not None]
        if ahead:
            return max(ahead)
        for key, failures in zip(brakes, (of_name, of_address), strict=True):
            self.store.set_failures(tx, key, rules.kept_failures([*failures, now], now), now=now)
        return None

    def _forgive(self, tx: Transaction, brakes: tuple[bytes, bytes], counted_at: datetime, now: datetime) -> None:
        """The password was right: the name's failures are forgotten, the address's stand but for this one."""
        name, address = brakes
        self.store.failures(tx, name, now=now)
        self.store.set_failures(tx, name, [], now=now)
        others = self.store.failures(tx, address, now=now)
        if counted_at in others:
            others.remove(counted_at)
        self.store.set_failures(tx, address, others, now=now)

    def _settle(self, tx: Transaction, proof: Proof, refusal: Refusal, now: datetime) -> Settled:
        """Decide on states that cannot change before the transaction ends, and record the attempt."""
        settled = self._decide(tx, proof, refusal)
        if settled.refusal not in WRONG:
            self._forgive(tx, proof.brakes, proof.counted_at, now)
        self._record(tx, proof.candidate, proof.origin, settled.refusal, now)
        return settled

    def _decide(self, tx: Transaction, proof: Proof, refusal: Refusal) -> Settled:
        if proof.candidate is None:
            return Settled(refusal="unknown_address")
        if proof.candidate.password_hash is None:
            return Settled(refusal="no_password")
        if not proof.matched:
            return Settled(refusal="wrong_password")
        lock: Literal["share", "update"] = "update" if refusal is rules.reactivation_refusal else "share"
        try:
            account = self.store.account(tx, proof.candidate.account_id, lock)
            user = self.store.user(tx, proof.candidate.user_id, lock=True)
        except NotFound:
            return Settled(refusal="unknown_address")
        if self.store.password_hash(tx, user.id) != proof.candidate.password_hash:
            return Settled(refusal="wrong_password")
        reason = refusal(account, user)
        return Settled(refusal=reason) if reason else Settled(refusal=None, account=account, user=user)

    def _record(
        self, tx: Transaction, candidate: Candidate | None, origin: Row, refusal: str | None, now: datetime
    ) -> None:
        attempt_id = self.store.insert_attempt(
            tx, origin, candidate=candidate, outcome=refusal or "succeeded", now=now
        )
        if candidate is not None and refusal is None:
            event = LoginSucceeded(
                account_id=candidate.account_id, user_id=candidate.user_id, attempt_id=attempt_id
            )
            with acting_user(candidate.user_id):
                tx.outbox.add(event, now=now)
            return
        failed = LoginFailed(
            account_id=candidate.account_id if candidate else None,
            user_id=candidate.user_id if candidate else None,
            attempt_id=attempt_id,
            reason=Code(refusal or "unknown_address"),
        )
        tx.outbox.add(failed, now=now)

    def _newer_hash(self, proof: Proof, password: str) -> str | None:
        kept = proof.candidate.password_hash if proof.candidate else None
        if kept is None or not proof.matched or not self.passwords.is_outdated(kept):
            return None
        return self.passwords.hash(password)

    def _keep_newer_hash(self, tx: Transaction, proof: Proof, new_hash: str | None) -> None:
        if new_hash and proof.candidate and proof.candidate.password_hash:
            self.store.rehash(
                tx, proof.candidate.user_id, old_hash=proof.candidate.password_hash, new_hash=new_hash
            )

    # ── sessions ──────────────────────────────────────────────────────────────────────────────────────────

    @answers(Authenticate)
    def authenticate(self, call: Authenticate) -> Authenticated:
        """Who speaks. An account or user made inactive is refused from that moment on."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self._open_session(tx, call.token, now)
            state = session.state
            if rules.touch_is_due(state, now):
                self.store.touch_session(tx, session.id, now=now)
                state = SessionState(created_at=state.created_at, seen_at=now)
        return Authenticated(
            account_id=session.account_id,
            user_id=session.user_id,
            session_id=session.id,
            role=session.role,
            language=session.language,
            actor=Actor.user(session.user_id),
            expires_at=rules.session_ends_at(state),
        )

    def actor_of_session(self, token: str) -> str | None:
        """Who acts by this session; None where it is not open any more."""
        with self.database.transaction() as tx:
            session = self.store.session(tx, token)
        if session is None or not rules.session_is_open(session.state, self.clock.now()):
            return None
        return str(Actor.user(session.user_id))

    def _open_session(self, tx: Transaction, token: str, now: datetime) -> OpenSession:
        session = self.store.session(tx, token)
        if session is None or not rules.session_is_open(session.state, now):
            raise Unauthenticated
        return session

    @answers(LogOut)
    def log_out(self, call: LogOut) -> Done:
        """End the session; a token that is not one any more is fine."""
        with self.database.transaction() as tx:
            self.store.close_session(tx, call.token)
        return DONE

    # ── passwords ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(ChangePassword)
    def change_password(self, call: ChangePassword) -> Done:
        """Change the password inside a session; all other sessions of the user end."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self._open_session(tx, call.token, now)
            candidate, _ = self.store.candidate_by_id(tx, session.user_id)
        self.check_new_password(candidate, call.new_password)
        session, proof = self.prove_again(call.token, call.current_password, call.origin)
        new_hash = self.passwords.hash(call.new_password)
        with self.database.transaction() as tx, acting_user(session.user_id):
            rules.require_open(self.store.account(tx, session.account_id, "share"))
            user = self.settle_proof(tx, call.token, proof)
            self.store.save_password(tx, user.id, new_hash, keep=session.id, now=now)
            event = UserPasswordChanged(account_id=user.account_id, user_id=user.id)
            tx.outbox.add(event, now=now, sequence=user.version)
        return DONE

    def prove_again(self, token: str, password: str, origin: Origin) -> tuple[OpenSession, Reproof]:
        """Compare the password of whoever has this session. Raises `Unauthenticated`, `TooMany`, `Forbidden`."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self._open_session(tx, token, now)
            candidate, email_index = self.store.candidate_by_id(tx, session.user_id)
            brakes = (self.sealing.brake_of_name(email_index), self.sealing.brake_of_address(origin.ip))
            closed_until = self._count_in_advance(tx, brakes, now)
        if closed_until is not None:
            raise _too_many(closed_until, now)
        if not self.passwords.matches(candidate.password_hash, password):
            raise Forbidden("the current password is wrong")
        return session, Reproof(candidate=candidate, brakes=brakes, counted_at=now)

    def settle_proof(self, tx: Transaction, token: str, proof: Reproof) -> UserState:
        """The user who proved it, locked; the account must be locked already. Raises where anything changed."""
        user = self.store.user(tx, proof.candidate.user_id, lock=True)
        self._open_session(tx, token, proof.counted_at)
        if self.store.password_hash(tx, user.id) != proof.candidate.password_hash:
            raise Forbidden("the current password is wrong")
        self._forgive(tx, proof.brakes, proof.counted_at, proof.counted_at)
        return user

    @answers(ResetPassword)
    def reset_password(self, call: ResetPassword) -> Done:
        """Set a password with the token of a letter, once; the letter also proves the address."""
        with self.database.transaction() as tx:
            ticket = self.usable_ticket(tx, call.token, SET_BY_LETTER)
            candidate, email_index = self.store.candidate_by_id(tx, ticket.user_id)
        self.check_new_password(candidate, call.new_password)
        new_hash = self.passwords.hash(call.new_password)
        now = self.clock.now()
        with self.database.transaction() as tx:
            self.store.lock_address(tx, email_index)
            user = self.ticket_holder(tx, ticket)
            self.usable_ticket(tx, call.token, SET_BY_LETTER, lock=True)
            self.store.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id), address_not_taken():
                self.set_by_letter(tx, user, new_hash, email_index, now)
        return DONE

    def usable_ticket(self, tx: Transaction, token: str, kinds: tuple[str, ...], *, lock: bool = False) -> Ticket:
        """The ticket of a token that may be used now.

        Raises `NotFound`, the same whatever is wrong with it, and `Locked` where account or user became inactive
        or staff closed the account: whoever has the letter may know that, and how to come back.
        """
        ticket = self.store.ticket_by_token(tx, token, lock=lock)
        if ticket is None or ticket.state.kind not in kinds:
            raise NotFound("the link does not work any more")
        account, user = self.store.account(tx, ticket.account_id), self.store.user(tx, ticket.user_id)
        standing = letter_rules.link_standing(ticket.state, account, user, self.clock.now())
        if standing == "blocked":
            raise rules.blocked()
        if standing == "inactive":
            raise Locked
        if standing == "over":
            raise NotFound("the link does not work any more")
        return ticket

    def ticket_holder(self, tx: Transaction, ticket: Ticket) -> UserState:
        """Whose ticket it is, locked; the account stays as it is meanwhile. Raises `Locked` where inactive."""
        rules.require_open(self.store.account(tx, ticket.account_id, "share"))
        user = self.store.user(tx, ticket.user_id, lock=True)
        if user.state != "active":
            raise Locked
        return user

    def set_by_letter(
        self, tx: Transaction, user: UserState, new_hash: str, email_index: bytes, now: datetime
    ) -> None:
        """A letter was read at the user's address, which is proved so; the password is its reader's."""
        self.store.save_password(tx, user.id, new_hash, keep=None, now=now)
        key = self.sealing.brake_of_name(email_index)
        self.store.failures(tx, key, now=now)
        self.store.set_failures(tx, key, [], now=now)
        version = self.store.confirm_user(tx, user.id, now=now)
        if not user.confirmed:
            event = UserEmailConfirmed(account_id=user.account_id, user_id=user.id)
            tx.outbox.add(event, now=now, sequence=version)
            self.prove_address(tx, email_index, user.account_id)
            if user.role == "owner":
                for row in self.store.uninvited(tx, user.account_id):
                    self.invite(tx, self.store.user(tx, row["id"]))
        if user.has_password and user.confirmed:
            changed = UserPasswordChanged(account_id=user.account_id, user_id=user.id)
            tx.outbox.add(changed, now=now, sequence=version)

    def check_new_password(self, candidate: Candidate, password: str) -> None:
        """The rules for a password need the address and the company's name. Raises `Invalid`."""
        with self.database.transaction() as tx:
            user_row = self.store.user_row(tx, candidate.user_id)
            account_row = self.store.account_row(tx, candidate.account_id)
        (person,) = self.sealing.opened_users([user_row])
        company = self.sealing.opened_company(account_row)
        texts = (person["email"], company["email"], company["name"], person["name"])
        if None in texts:
            raise NotFound
        rules.check_password(
            password,
            emails=texts[:2],
            company_name=company["name"],
            names=texts[3:],
            vendor_name=self.vendor_name,
        )


def _too_many(until: datetime, now: datetime) -> TooMany:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return TooMany(details={"retry_after_seconds": seconds})


TOLD: Final[Mapping[str, Callable[[], Exception]]] = MappingProxyType(
    {
        **dict.fromkeys(WRONG, lambda: Unauthenticated("the address or the password is wrong")),
        "unconfirmed": lambda: Forbidden(
            "the address has not been confirmed yet", details={"reason": "unconfirmed"}
        ),
        "account_active": lambda: Conflict("is active already"),
        "account_blocked": rules.blocked,
        "held_by_staff": rules.held_by_staff,
        "bankrupt": suspicion_rules.only_the_trustee,
    }
)
"""By refusal: what whoever tried is told. Of all others only that company or user are inactive."""


def told_of_refusal(refusal: str | None) -> Exception:
    """What the caller is told of a refusal; whether an address is known is not part of it."""
    return TOLD.get(refusal or "wrong_password", Locked)()
