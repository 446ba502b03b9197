"""Requests for letters: who may ask for one, who gets one, and what notification is told to write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.account.accounts import store as accounts
from services.account.accounts.calls import ACCEPTED, Accepted
from services.account.accounts.rules import BY_LINK, is_estate, way_back
from services.account.authentication.store import candidate
from services.account.authentication.values import Candidate
from services.account.confirmation.events import UserConfirmationRequested
from services.account.email_change.values import Fetched
from services.account.field_encryption.sealing import Sealing
from services.account.letters import calls, rules
from services.account.letters.events import SignUpRepeated, UserPasswordResetRequested, UserReturnRequested
from services.account.tickets import issuing
from services.account.tickets import store as tickets
from shared.bus import Feature, answers, every
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.database.pool import Row
from shared.errors import Conflict, NotFound
from shared.events import Code

if TYPE_CHECKING:
    from services.account.agreements.feature import Agreements
    from services.account.email_change.feature import EmailChange
    from services.account.support.feature import Support

LETTERS_A_TURN: Final = 50
TICKET_OF_WISH: Final = {"sign_up_repeated": "notice"}
TICKET_OF_WAY: Final = {BY_LINK: "reactivation"}


@dataclass(eq=False)
class Letters(Feature):
    """What a letter needs of a customer. Whether an address is known is looked up later, and nobody is told.

    `email_change` keeps replaced addresses until their letter is written.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    agreements: Agreements
    email_change: EmailChange
    support: Support

    # ── letters asked for ─────────────────────────────────────────────────────────────────────────────────

    @answers(calls.RequestConfirmation)
    def request_confirmation(self, call: calls.RequestConfirmation) -> Accepted:
        """Note the wish for another confirmation letter; whether the address is known is looked up later."""
        return self._request("confirmation", call.email)

    @answers(calls.RequestPasswordReset)
    def request_password_reset(self, call: calls.RequestPasswordReset) -> Accepted:
        """Note the wish for a letter to set a new password; the address is looked up later."""
        return self._request("password_reset", call.email)

    def _request(self, kind: str, email: str) -> Accepted:
        with self.database.transaction() as tx:
            tickets.request_letter(tx, kind, self.sealing.of_email(email), now=self.clock.now())
        return ACCEPTED

    @every(seconds=1)
    def answer_letter_requests(self) -> None:
        """Look up who asked for letters, and have them written to those who may get them."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for wish in tickets.take_letter_requests(tx, now=now, limit=LETTERS_A_TURN):
                known = candidate(tx, wish["email_index"])
                if known is not None:
                    self._answer(tx, known, wish)

    def _answer(self, tx: Transaction, known: Candidate, wish: Row) -> None:
        """Have the letter written, or keep the wish until one may go: it waits, and is not forgotten."""
        now = self.clock.now()
        account = accounts.account(tx, known.account_id, "share")
        user = accounts.user(tx, known.user_id, lock=True)
        way = way_back(account, user)
        kind = rules.letter_for(wish["kind"], user)
        if kind is None:
            return
        ticket_kind = TICKET_OF_WISH.get(kind, kind) if way is None else TICKET_OF_WAY.get(way, "notice")
        closed_until = issuing.closed_until(tx, wish["email_index"], ticket_kind, now=now)
        if closed_until is not None:
            tickets.postpone_letter(tx, wish["kind"], wish["email_index"], now=now, due_at=closed_until)
            return
        ticket_id = issuing.issue(tx, user, ticket_kind, now=now)
        if way is not None:
            with_link = ticket_id if way == BY_LINK else None
            tx.outbox.add(UserReturnRequested(**user.ids, way=Code(way), ticket_id=with_link), now=now)
        elif kind == "confirmation":
            tx.outbox.add(UserConfirmationRequested(**user.ids, ticket_id=ticket_id), now=now)
        elif kind == "password_reset":
            tx.outbox.add(UserPasswordResetRequested(**user.ids, ticket_id=ticket_id), now=now)
        else:
            tx.outbox.add(SignUpRepeated(**user.ids), now=now)

    # ── for notification ──────────────────────────────────────────────────────────────────────────────────

    @answers(calls.LetterFacts)
    def letter_facts(self, call: calls.LetterFacts) -> calls.LetterFactsShown:
        """Where a letter goes and whom it greets; the only place where a letter gets its address and token."""
        now, ticket_id = self.clock.now(), call.ticket_id
        with self.database.transaction() as tx:
            user_row = accounts.user_row(tx, call.user_id)
            account_row = accounts.account_row(tx, user_row["account_id"])
            user = accounts.user(tx, call.user_id)
            account = accounts.account(tx, user.account_id)
            rules.check_letter(call.letter, account, user)
            former = minted = None
            if call.letter == "address_changed":
                former = self.email_change.fetch_former_address(tx, ticket_id, user.id)
            elif ticket_id is not None:
                minted = issuing.mint(tx, ticket_id, user.id, call.letter, now=now)
            agreement = self.agreements.latest(tx, account.id)
            reply_name = self.support.reply_name_in(tx, call.thread_id, account, user)
        (person,) = self.sealing.opened_users([user_row])
        company = self.sealing.opened_company(account_row)
        remains = call.letter in rules.LETTERS_TO_WHAT_REMAINS
        if person["email"] is None or (company["name"] is None and not remains):
            raise NotFound
        kind = minted.kind if minted else None
        signs_up = kind == "confirmation" and agreement is not None and agreement["user_id"] == user.id
        return calls.LetterFactsShown(
            account_id=user.account_id,
            email=self._address(user_row, former, kind) or person["email"],
            name=person["name"],
            language=user_row["language"],
            company_name=company["name"] or "",
            link_token=minted.token if minted else None,
            link_kind=kind,
            link_ends_at=former.known_until if former else minted.ends_at if minted else None,
            confirmed=user.confirmed,
            company_is_inactive=account.state != "active",
            company_is_blocked=account.blocked,
            company_is_bankrupt=is_estate(account),
            closed_by=account.inactivated_by or user.inactivated_by,
            registered_at=account_row["created_at"] if signs_up else None,
            terms_version=agreement["version"] if signs_up and agreement else None,
            reply_name=reply_name,
        )

    def _address(self, user_row: Row, former: Fetched | None, kind: str | None) -> str | None:
        """Where the letter goes if not to the present address: to the one before it, or the one that waits."""
        if former is not None:
            return self.sealing.former_address(former.row)
        if kind != "address_change":
            return None
        if user_row["new_email_sealed"] is None:
            raise Conflict("there is no new address to confirm")
        return self.sealing.waiting_address(user_row)

    @answers(calls.Recipients)
    def recipients(self, call: calls.Recipients) -> calls.RecipientsShown:
        """Who gets letters about the company; inactive companies have their last letters to get."""
        with self.database.transaction() as tx:
            accounts.account(tx, call.account_id)
            rows = accounts.recipients(tx, call.account_id)
        return calls.RecipientsShown(recipients=tuple(calls.Recipient(**row) for row in rows))
