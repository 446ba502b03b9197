"""Setting a password: in a session with the one before, or with the link of a letter, which proves the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.account.accounts import store as accounts
from services.account.accounts.calls import DONE, Done
from services.account.accounts.publishing import acting_user
from services.account.accounts.rules import require_open
from services.account.accounts.values import UserState
from services.account.authentication import store as authentication_store
from services.account.authentication.calls import Origin
from services.account.authentication.credentials import Authentication
from services.account.authentication.values import Candidate, OpenSession, Reproof
from services.account.confirmation.events import UserEmailConfirmed
from services.account.field_encryption.sealing import Sealing
from services.account.passwords.calls import ChangePassword, ResetPassword
from services.account.passwords.events import UserPasswordChanged
from services.account.tickets import issuing, redeeming
from services.account.tickets import store as tickets
from services.account.tickets.link_endings import Link
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound

if TYPE_CHECKING:
    from services.account.sign_up.feature import SignUps

SET_BY_LETTER: Final = (Link.PASSWORD_RESET.value, Link.INVITATION.value)


@dataclass(eq=False)
class Passwords(Feature):
    """Passwords as their holders set them.

    `check_password` is the rule for new ones; `sign_ups` ends those whose address somebody else proves.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    check_password: Callable[..., None]
    sign_ups: SignUps

    def _prove(self, call: ChangePassword) -> tuple[OpenSession, Reproof, str]:
        """Who it is, by the password until now, and the digest of the new one."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            session = self.authentication.open_session(tx, call.token, now)
            candidate, _ = authentication_store.candidate_by_id(tx, session.user_id)
        self.check_new(candidate, call.new_password)
        session, proof = self.authentication.prove_again(call.token, call.current_password, call.origin)
        return session, proof, self.authentication.hashing.hash(call.new_password)

    @answers(ChangePassword, first=_prove)
    def change_password(
        self, call: ChangePassword, tx: Transaction, proved: tuple[OpenSession, Reproof, str]
    ) -> Done:
        """Change the password inside a session; all other sessions of the user end."""
        now, (session, proof, new_hash) = self.clock.now(), proved
        with acting_user(session.user_id):
            require_open(accounts.account(tx, session.account_id, "share"))
            user = self.authentication.settle_again(tx, call.token, proof)
            authentication_store.save_password(tx, user.id, new_hash, keep=session.id, now=now)
            event = UserPasswordChanged(**user.ids)
            tx.outbox.add(event, now=now, sequence=user.version)
        return DONE

    @answers(ResetPassword)
    def reset_password(self, call: ResetPassword) -> Done:
        """Set a password with the token of a letter, once; the letter also proves the address."""
        with self.database.transaction() as tx:
            ticket = redeeming.usable_ticket(tx, call.token, SET_BY_LETTER, now=self.clock.now())
            candidate, email_index = authentication_store.candidate_by_id(tx, ticket.user_id)
        self.check_new(candidate, call.new_password)
        new_hash = self.authentication.hashing.hash(call.new_password)
        now = self.clock.now()
        with self.database.transaction() as tx:
            accounts.lock_address(tx, email_index)
            user = redeeming.ticket_holder(tx, ticket)
            redeeming.usable_ticket(tx, call.token, SET_BY_LETTER, now=now, lock=True)
            tickets.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id):
                self.set_by_letter(tx, user, new_hash, email_index, now, origin=call.origin)
        return DONE

    # ── for other features ────────────────────────────────────────────────────────────────────────────────

    def set_by_letter(
        self,
        tx: Transaction,
        user: UserState,
        new_hash: str,
        email_index: bytes,
        now: datetime,
        *,
        origin: Origin | None = None,
    ) -> None:
        """A letter was read at the user's address, which is proved so; the password is its reader's."""
        authentication_store.save_password(tx, user.id, new_hash, now=now)
        self.authentication.proved_by_letter(tx, email_index, origin, now)
        version = accounts.confirm_user(tx, user.id, now=now)
        if not user.confirmed:
            tx.outbox.add(UserEmailConfirmed(**user.ids), now=now, sequence=version)
            self.sign_ups.prove_address(tx, email_index, user.account_id)
            if user.role == "owner":
                issuing.invite_uninvited(tx, user.account_id, now=now)
        if user.has_password and user.confirmed:
            tx.outbox.add(UserPasswordChanged(**user.ids), now=now, sequence=version)

    def check_new(self, candidate: Candidate, password: str) -> None:
        """The rules for a password need the address and the company's name. Raises `Invalid`."""
        with self.database.transaction() as tx:
            user_row = accounts.user_row(tx, candidate.user_id)
            account_row = accounts.account_row(tx, candidate.account_id)
        (person,) = self.sealing.opened_users([user_row])
        company = self.sealing.opened_company(account_row)
        texts = (person["email"], company["email"], company["name"], person["name"])
        if None in texts:
            raise NotFound
        self.check_password(password, emails=texts[:2], company_name=company["name"], names=texts[3:])
