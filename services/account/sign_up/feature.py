"""How a company and its people come in, and what becomes of sign-ups that wait for their address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.calls import ACCEPTED, Accepted
from services.account.accounts.publishing import acting, acting_user
from services.account.accounts.rules import ABANDONED, category_of
from services.account.accounts.store import AddressTaken
from services.account.authentication.credentials import Authentication
from services.account.authentication.store import candidate, save_first_password
from services.account.field_encryption.sealing import Sealing, SignUpRows
from services.account.register.values import Finding
from services.account.sign_up import rules, store
from services.account.sign_up.calls import SignUp
from services.account.sign_up.events import AccountRegistered
from services.account.tickets import issuing
from services.account.tickets import store as tickets
from services.account.users.events import UserAdded
from shared.actor import SYSTEM
from shared.bus import Feature, answers, every
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.events import Code
from shared.identifiers import new_id
from shared.terms.texts import TermsVersion

if TYPE_CHECKING:
    from services.account.agreements.feature import Agreements
    from services.account.deactivation.feature import Deactivation
    from services.account.register.feature import Register


@dataclass(eq=False)
class SignUps(Feature):
    """Sign-up. Whether an address is known is told to nobody, by no answer and by no amount of work.

    `check_password` is the rule for new ones, which knows the vendor's name.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    check_password: Callable[..., None]
    register: Register
    agreements: Agreements
    deactivation: Deactivation

    @answers(SignUp)
    def sign_up(self, call: SignUp) -> Accepted:
        """Sign up a company; the answer and the work are the same whether or not the creator is known."""
        now = self.clock.now()
        accepted = self.agreements.check(call.agreement, call.language)
        company, people = call.company, [call.creator, *call.users]
        indexes = [self.sealing.of_email(person.email) for person in people]
        rules.check_users_differ(indexes)
        emails, names = [call.creator.email, company.email], [call.creator.name]
        self.check_password(call.password, emails=emails, company_name=company.name, names=names)
        password_hash = self.authentication.hashing.hash(call.password)
        finding = self.register.ask(company.name, company.org_number, now)
        with self.database.transaction() as tx:
            is_known = _is_proved(tx, indexes[0])
        rows = self.sealing.sign_up(
            call, account_id=new_id(), user_ids=[new_id() for _ in people], is_known=is_known, now=now
        )
        with self.database.transaction() as tx:
            call_key = self.sealing.key_of_call(call.idempotency_key, indexes[0])
            if not store.first_time(tx, call_key, now=now):
                return ACCEPTED
            accounts.lock_address(tx, indexes[0])
            makes_room = _may_wait(tx, indexes[0], rows)
            try:
                with tx.savepoint(), acting_user(rows.users[0]["id"]):
                    self._insert(tx, call, rows, finding=finding, accepted=accepted, now=now)
                    self._welcome_creator(tx, call, rows, password_hash=password_hash, now=now)
                    if is_known or not makes_room:
                        raise AddressTaken  # noqa: TRY301  # undoes the rows, after the same work
            except AddressTaken:
                tickets.request_letter(tx, "sign_up_repeated", indexes[0], now=now)
        return ACCEPTED

    def _insert(
        self,
        tx: Transaction,
        call: SignUp,
        rows: SignUpRows,
        *,
        finding: Finding,
        accepted: TermsVersion,
        now: datetime,
    ) -> None:
        """Company, agreement and further users, in the transaction that makes all of them true."""
        account_id, creator_id, language = rows.account["id"], rows.users[0]["id"], call.language
        outcome = finding.register_outcome
        reasons = self.register.review_reasons(tx, account_id, rows.account["org_number_index"], outcome)
        register = {**asdict(finding), "review_reasons": reasons}
        store.insert_account(tx, rows.account, register=register, language=language, now=now)
        registered = AccountRegistered(
            account_id=account_id,
            creator_id=creator_id,
            register_outcome=Code(outcome),
            terms_version=Code(accepted.version),
        )
        tx.outbox.add(registered, now=now, sequence=1)
        self.agreements.sign(
            tx,
            call.agreement,
            accepted,
            language,
            sealed=rows.agreement,
            account_id=account_id,
            user_id=creator_id,
            now=now,
        )
        for row in rows.users[1:]:
            accounts.insert_user(tx, row | _common(call, account_id), role="user", now=now)
            tx.outbox.add(UserAdded(account_id=account_id, user_id=row["id"]), now=now, sequence=1)

    @staticmethod
    def _welcome_creator(
        tx: Transaction, call: SignUp, rows: SignUpRows, *, password_hash: str, now: datetime
    ) -> None:
        """The creator's row, password and letter: at once, or as soon as another one may go to the address."""
        account_id, row = rows.account["id"], rows.users[0]
        closed_until = issuing.closed_until(tx, row["email_index"], "confirmation", now=now)
        accounts.insert_user(tx, row | _common(call, account_id), role="owner", now=now)
        save_first_password(tx, row["id"], password_hash, now=now)
        if closed_until is not None:
            tickets.postpone_letter(tx, "confirmation", row["email_index"], now=now, due_at=closed_until)
            return
        issuing.ask_to_confirm(tx, accounts.user(tx, row["id"]), now=now)

    @every(seconds=3600, irreversible=True)
    def close_abandoned_sign_ups(self) -> None:
        """Deactivate companies in which nobody ever confirmed an address; erasure follows as for all others.

        The address was never taken: whoever really has it may sign up, whoever only entered it has no way back.
        """
        with self.database.transaction() as tx, acting(SYSTEM):
            for account_id in store.abandoned_sign_ups(tx, now=self.clock.now()):
                self.deactivation.deactivate(tx, accounts.account(tx, account_id, "update"), ABANDONED)

    # ── for other features ────────────────────────────────────────────────────────────────────────────────

    def waiting(self, tx: Transaction, email_index: bytes) -> list[Row]:
        """The sign-ups that wait for an address that nobody has proved, newest first."""
        return store.waiting_sign_ups(tx, email_index)

    def prove_address(self, tx: Transaction, email_index: bytes, account_id: UUID) -> None:
        """Somebody of the account has proved to read at the address, which is locked.

        Every sign-up that waits for it in another account is void: its password is dropped, its links end, its
        company is closed as one that nobody finished, unless somebody else of it has proved an address.
        """
        now = self.clock.now()
        for waiting in store.waiting_sign_ups(tx, email_index):
            if waiting["account_id"] == account_id:
                continue
            account = accounts.account(tx, waiting["account_id"], "update")
            store.void_sign_up(tx, waiting["user_id"], now=now)
            if account.state == "active" and not waiting["has_members"]:
                with acting(SYSTEM):
                    self.deactivation.deactivate(tx, account, ABANDONED)
        self.agreements.stand_by(tx, account_id, now=now)
        store.forget_network(tx, account_id)

    def ask_again(self, tx: Transaction, account_id: UUID) -> None:
        """Give those who signed up another chance to confirm their address. Raises `Conflict` where it is taken."""
        for user_id in store.waiting_owners(tx, account_id):
            issuing.ask_to_confirm(tx, accounts.user(tx, user_id), now=self.clock.now())


def _is_proved(tx: Transaction, email_index: bytes) -> bool:
    """Whether somebody has proved to read at the address; a sign-up that waits for it is no proof."""
    known = candidate(tx, email_index)
    return known is not None and known.proved


def _may_wait(tx: Transaction, email_index: bytes, rows: SignUpRows) -> bool:
    """Whether this sign-up may wait for its address, which is locked, beside those that wait already."""
    networks = [row["sign_up_network"] for row in store.waiting_sign_ups(tx, email_index)]
    return rules.may_wait(networks, rows.account["sign_up_network"]) and not _is_proved(tx, email_index)


def _common(call: SignUp, account_id: UUID) -> Row:
    """What all users of a sign-up share."""
    has_number = call.company.org_number is not None
    return {"account_id": account_id, "language": call.language, "category": category_of(has_number=has_number)}
