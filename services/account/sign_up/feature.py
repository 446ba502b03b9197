"""Sign-up, confirmation of addresses, the check against the business register, and letters asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.account import rules
from services.account.access_store import AlreadyKnownError, Candidate
from services.account.accounts.calls import Accepted
from services.account.agreements.calls import Agreement
from services.account.agreements.events import AgreementAccepted
from services.account.confirmation.events import UserConfirmationRequested
from services.account.entry import ACCEPTED, AGREEMENT_DOCUMENT, Entry, acting_user, address_not_taken
from services.account.field_encryption.sealing import SignUpRows
from services.account.letters import letter_rules
from services.account.letters.calls import RequestConfirmation, RequestPasswordReset
from services.account.letters.events import SignUpRepeated, UserPasswordResetRequested, UserReturnRequested
from services.account.register.events import AccountRegisterChecked
from services.account.sign_up.calls import SignUp as SignUpCall
from services.account.sign_up.events import AccountRegistered
from services.account.users.events import UserAdded
from shared import log
from shared.bus import answers, every
from shared.database import Transaction
from shared.errors import VilkarError
from shared.events import Code
from shared.identifiers import new_id
from shared.terms import texts
from shared.terms.texts import TermsVersion

LETTERS_A_TURN: Final = 50
TICKET_OF_WISH: Final = {"sign_up_repeated": "notice"}
TICKET_OF_WAY: Final = {letter_rules.BY_LINK: "reactivation"}
REGISTER_CHECKS_A_TURN: Final = 10
REGISTER_LEASE: Final = timedelta(minutes=10)

_log = log.get("account.sign_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is kept of a question to the business register: columns of the account."""

    register_outcome: str
    org_form: str | None = None
    register_checked_at: datetime | None = None
    register_retry_at: datetime | None = None
    register_attempts: int = 0


class SignUp(Entry):
    """How a company and its people come in."""

    @answers(SignUpCall)
    def sign_up(self, call: SignUpCall) -> Accepted:
        """Sign up a company; the answer and the work are the same whether or not the creator is known."""
        now = self.clock.now()
        accepted = self.terms_now()
        rules.check_agreement(call.agreement, accepted.version, accepted.sha256(call.language))
        company, people = call.company, [call.creator, *call.users]
        indexes = [self.sealing.of_email(person.email) for person in people]
        rules.check_users_differ(indexes)
        rules.check_password(
            call.password,
            emails=[call.creator.email, company.email],
            company_name=company.name,
            names=[call.creator.name],
            vendor_name=self.vendor_name,
        )
        password_hash = self.passwords.hash(call.password)
        finding = self._ask_register(company.name, company.org_number, now)
        with self.database.transaction() as tx:
            is_known = self._is_proved(tx, indexes[0])
        rows = self.sealing.sign_up(
            call,
            account_id=new_id(),
            user_ids=[new_id() for _ in people],
            is_known=is_known,
            now=now,
        )
        with self.database.transaction() as tx:
            call_key = self.sealing.key_of_call(call.idempotency_key, indexes[0])
            if not self.store.first_time(tx, "sign_up", call_key, now=now):
                return ACCEPTED
            self.store.lock_address(tx, indexes[0])
            makes_room = self._may_wait(tx, indexes[0], rows)
            try:
                with tx.savepoint(), acting_user(rows.users[0]["id"]):
                    self._register(tx, call, rows, finding=finding, accepted=accepted, now=now)
                    self._welcome_creator(tx, call, rows, password_hash=password_hash, now=now)
                    if is_known or not makes_room:
                        raise AlreadyKnownError  # noqa: TRY301  # undoes the rows, after the same work
            except AlreadyKnownError:
                self.store.request_letter(tx, "sign_up_repeated", indexes[0], now=now)
        return ACCEPTED

    def _is_proved(self, tx: Transaction, email_index: bytes) -> bool:
        """Whether somebody has proved to read at the address; a sign-up that waits for it is no proof."""
        candidate = self.store.candidate(tx, email_index)
        return candidate is not None and candidate.proved

    def _may_wait(self, tx: Transaction, email_index: bytes, rows: SignUpRows) -> bool:
        """Whether this sign-up may wait for its address, which is locked, beside those that wait already."""
        networks = [row["sign_up_network"] for row in self.store.waiting_sign_ups(tx, email_index)]
        return letter_rules.may_wait(networks, rows.account["sign_up_network"]) and not self._is_proved(
            tx, email_index
        )

    def _register(
        self,
        tx: Transaction,
        call: SignUpCall,
        rows: SignUpRows,
        *,
        finding: Finding,
        accepted: TermsVersion,
        now: datetime,
    ) -> None:
        """Company, agreement and further users, in the transaction that makes all of them true."""
        account_id, language = rows.account["id"], call.language
        shared = self.store.number_is_shared(tx, account_id, rows.account["org_number_index"])
        reasons = rules.review_reasons(finding.register_outcome, number_is_shared=shared)
        register = {**asdict(finding), "review_reasons": reasons}
        self.store.insert_account(tx, rows, register=register, language=language, now=now)
        agreement = accepted_columns(call.agreement, accepted, language)
        self.store.insert_agreement(tx, rows, agreement, now=now)
        registered = AccountRegistered(
            account_id=account_id,
            creator_id=rows.users[0]["id"],
            register_outcome=Code(finding.register_outcome),
            terms_version=Code(accepted.version),
        )
        tx.outbox.add(registered, now=now, sequence=1)
        agreed = AgreementAccepted(
            account_id=account_id,
            user_id=rows.users[0]["id"],
            document=AGREEMENT_DOCUMENT,
            terms_version=Code(accepted.version),
        )
        tx.outbox.add(agreed, now=now, sequence=1)
        common = {"account_id": account_id, "language": language, "category": self._category(call)}
        for row in rows.users[1:]:
            self.store.insert_user(tx, {**row, **common}, role="user", is_login_name=False, now=now)
            tx.outbox.add(UserAdded(account_id=account_id, user_id=row["id"]), now=now, sequence=1)

    def _welcome_creator(
        self,
        tx: Transaction,
        call: SignUpCall,
        rows: SignUpRows,
        *,
        password_hash: str,
        now: datetime,
    ) -> None:
        """The creator's row, password and letter: at once, or as soon as another one may go to the address."""
        account_id, row = rows.account["id"], rows.users[0]
        common = {
            "account_id": account_id,
            "language": call.language,
            "category": self._category(call),
        }
        closed_until = self._closed_until(tx, row["email_index"], "confirmation")
        self.store.insert_user(tx, {**row, **common}, role="owner", is_login_name=False, now=now)
        self.store.save_first_password(tx, row["id"], password_hash, now=now)
        if closed_until is not None:
            self.store.postpone_letter(tx, "confirmation", row["email_index"], now=now, due_at=closed_until)
            return
        creator = Candidate(user_id=row["id"], account_id=account_id, password_hash=None)
        ticket_id = self.store.insert_ticket(tx, creator, "confirmation", now=now)
        event = UserConfirmationRequested(account_id=account_id, user_id=row["id"], ticket_id=ticket_id)
        tx.outbox.add(event, now=now, sequence=1)

    @staticmethod
    def _category(call: SignUpCall) -> str:
        return rules.category_of(has_number=call.company.org_number is not None)

    # ── the business register ─────────────────────────────────────────────────────────────────────────────

    def _ask_register(self, name: str, org_number: str | None, now: datetime) -> Finding:
        """What the register says; a register that does not answer never stands in a customer's way."""
        if org_number is None:
            return Finding(register_outcome="no_number")
        try:
            answer = self.register.look_up(org_number)
        except VilkarError as error:
            _log.warning("register_did_not_answer", exc_info=error)
            retry_at = rules.register_retry_at(1, now)
            return Finding(register_outcome="provisional", register_retry_at=retry_at, register_attempts=1)
        outcome = rules.register_outcome(answer, name)
        again = now + rules.REGISTER_ASKED_AGAIN
        return Finding(
            register_outcome=outcome, org_form=answer.org_form, register_checked_at=now, register_retry_at=again
        )

    @every(seconds=15)
    def check_registers(self) -> None:
        """Ask the register about companies it has not answered for, or whose name or number changed."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            claimed = self.store.claim_register_checks(
                tx, now=now, lease_until=now + REGISTER_LEASE, limit=REGISTER_CHECKS_A_TURN
            )
        for row in claimed:
            try:
                self._check_register(row, now)
            except VilkarError as error:
                # its claim runs out and it is tried again; the others must not wait for it
                _log.error("register_check_failed", account_id=row["id"], exc_info=error)

    def _check_register(self, row: dict[str, Any], now: datetime) -> None:
        opened = self.sealing.opened_company(row)
        if opened["name"] is None or opened["org_number"] is None:
            return
        finding = self._ask_register(opened["name"], opened["org_number"], now)
        with self.database.transaction() as tx:
            self._keep_finding(tx, row, finding, now)

    def _keep_finding(self, tx: Transaction, row: dict[str, Any], finding: Finding, now: datetime) -> None:
        if finding.register_outcome == "provisional":
            retry_at = rules.register_retry_at(row["register_attempts"], now)
            self.store.put_off_register_check(tx, row, retry_at=retry_at)
            return
        self.store.account(tx, row["id"], "update")
        shared = self.store.number_is_shared(tx, row["id"], row["org_number_index"])
        reasons = rules.review_reasons(finding.register_outcome, number_is_shared=shared)
        found = {"outcome": finding.register_outcome, "org_form": finding.org_form, "review_reasons": reasons}
        retry_at = now + rules.REGISTER_ASKED_AGAIN
        version, is_new = self.store.save_register_check(tx, row, found, retry_at=retry_at, now=now)
        if version is None or not is_new:
            return  # changed meanwhile: the claim runs out, and the new state is asked about
        event = AccountRegisterChecked(
            account_id=row["id"], outcome=Code(finding.register_outcome), review_required=bool(reasons)
        )
        tx.outbox.add(event, now=now, sequence=version)

    # ── letters asked for ─────────────────────────────────────────────────────────────────────────────────

    def ask_to_confirm(self, tx: Transaction, account_id: UUID) -> None:
        """Give those who signed up another chance to confirm their address. Raises `Conflict` where it is taken."""
        now = self.clock.now()
        with address_not_taken():
            waiting = self.store.waiting_owners(tx, account_id)
        for user_id in waiting:
            user = self.store.user(tx, user_id)
            ticket_id = self.store.insert_ticket(tx, user, "confirmation", now=now)
            event = UserConfirmationRequested(account_id=account_id, user_id=user_id, ticket_id=ticket_id)
            tx.outbox.add(event, now=now, sequence=user.version)

    @answers(RequestConfirmation)
    def request_confirmation(self, call: RequestConfirmation) -> Accepted:
        """Note the wish for another confirmation letter; whether the address is known is looked up later."""
        return self._request_letter("confirmation", call.email)

    @answers(RequestPasswordReset)
    def request_password_reset(self, call: RequestPasswordReset) -> Accepted:
        """Note the wish for a letter to set a new password; the address is looked up later."""
        return self._request_letter("password_reset", call.email)

    def _request_letter(self, kind: str, email: str) -> Accepted:
        with self.database.transaction() as tx:
            self.store.request_letter(tx, kind, self.sealing.of_email(email), now=self.clock.now())
        return ACCEPTED

    @every(seconds=1)
    def answer_letter_requests(self) -> None:
        """Look up who asked for letters, and have them written to those who may get them."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for row in self.store.take_letter_requests(tx, now=now, limit=LETTERS_A_TURN):
                candidate = self.store.candidate(tx, row["email_index"])
                if candidate is not None:
                    self._answer_letter_request(tx, candidate, row)

    def _answer_letter_request(self, tx: Transaction, candidate: Candidate, wish: dict[str, Any]) -> None:
        """Have the letter written, or keep the wish until one may go: it waits, and is not forgotten."""
        now = self.clock.now()
        account = self.store.account(tx, candidate.account_id, "share")
        user = self.store.user(tx, candidate.user_id, lock=True)
        way = letter_rules.way_back(account, user)
        kind = letter_rules.letter_for(wish["kind"], user)
        if kind is None:
            return
        ticket_kind = TICKET_OF_WISH.get(kind, kind) if way is None else TICKET_OF_WAY.get(way, "notice")
        closed_until = self._closed_until(tx, wish["email_index"], ticket_kind)
        if closed_until is not None:
            self.store.postpone_letter(tx, wish["kind"], wish["email_index"], now=now, due_at=closed_until)
            return
        ticket_id = self.store.insert_ticket(tx, user, ticket_kind, now=now)
        ids = {"account_id": user.account_id, "user_id": user.id}
        if way is not None:
            with_link = ticket_id if way == letter_rules.BY_LINK else None
            tx.outbox.add(UserReturnRequested(**ids, way=Code(way), ticket_id=with_link), now=now)
        elif kind == "confirmation":
            tx.outbox.add(UserConfirmationRequested(**ids, ticket_id=ticket_id), now=now)
        elif kind == "password_reset":
            tx.outbox.add(UserPasswordResetRequested(**ids, ticket_id=ticket_id), now=now)
        else:
            tx.outbox.add(SignUpRepeated(**ids), now=now)

    def _closed_until(self, tx: Transaction, email_index: bytes, ticket_kind: str) -> datetime | None:
        """Until when no further letter of this kind goes to the address, whoever asks for it."""
        now = self.clock.now()
        earlier = self.store.earlier_letters(tx, email_index, ticket_kind, since=now - letter_rules.LETTERS_DAY)
        return letter_rules.letters_closed_until(earlier, now)


def accepted_columns(agreement: Agreement, accepted: TermsVersion, language: str) -> dict[str, Any]:
    """What is kept of an acceptance: of which text, by what right, on which page and with which control."""
    return {
        "document": AGREEMENT_DOCUMENT,
        "version": accepted.version,
        "text_sha256": accepted.sha256(language),
        "language": language,
        "authority": agreement.authority,
        "attested": sorted(agreement.attestations.given()),
        "sentences": texts.shown_sentences(language),
        "domain": agreement.domain,
        "element": agreement.element,
    }
