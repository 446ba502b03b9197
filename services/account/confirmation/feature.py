"""How somebody proves to read at an address: what a letter's link stands for, and what its button does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting_user
from services.account.accounts.rules import require_open
from services.account.authentication.credentials import Authentication
from services.account.authentication.store import candidate_by_id
from services.account.confirmation.calls import Confirmed, ConfirmEmail, DescribeLink, LinkShown, WaitingSignUp
from services.account.confirmation.rules import password_of_reader
from services.account.field_encryption.sealing import Sealing
from services.account.tickets import redeeming
from services.account.tickets import store as tickets
from services.account.tickets.link_endings import Link
from services.account.tickets.rules import link_standing
from services.account.tickets.values import Ticket
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound

if TYPE_CHECKING:
    from services.account.agreements.feature import Agreements
    from services.account.email_change.feature import EmailChange
    from services.account.passwords.feature import Passwords
    from services.account.sign_up.feature import SignUps
    from services.account.termination.feature import Termination

KINDS: Final = (Link.CONFIRMATION.value, Link.ADDRESS_CHANGE.value)
SHOWN: Final = 20
"""How many sign-ups that wait for one address are shown beside that of the letter."""


@dataclass(eq=False)
class Confirmation(Feature):
    """The proof of an address, by the link of a letter to it."""

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    passwords: Passwords
    agreements: Agreements
    email_change: EmailChange
    sign_ups: SignUps
    termination: Termination

    @answers(ConfirmEmail)
    def confirm_email(self, call: ConfirmEmail) -> Confirmed:
        """Confirm the address to which the letter with this token went.

        Of a sign-up nothing counted before. Whoever reads at the address decides which sign-up does and with which
        password; every other one that waits for the address is void. The same person accepts the terms in force:
        that somebody unproved accepted them at sign-up says nothing of whoever reads here.
        """
        with self.database.transaction() as tx:
            ticket = redeeming.usable_ticket(tx, call.token, KINDS, now=self.clock.now())
            if ticket.state.kind == Link.ADDRESS_CHANGE:
                user = self.email_change.take_new_address(tx, call.token, ticket)
                return Confirmed(**user.ids)
            account_id = call.account_id or ticket.account_id
            user_id = self._chosen(tx, ticket, account_id)
            candidate, email_index = candidate_by_id(tx, user_id)
        password = password_of_reader(call.password or None)
        self.passwords.check_new(candidate, password)
        new_hash, now = self.authentication.hashing.hash(password), self.clock.now()
        with self.database.transaction() as tx:
            accounts.lock_address(tx, email_index)
            require_open(accounts.account(tx, account_id, "share"))
            user = accounts.user(tx, user_id, lock=True)
            redeeming.usable_ticket(tx, call.token, KINDS, now=now, lock=True)
            tickets.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id):
                self.passwords.set_by_letter(tx, user, new_hash, email_index, now)
                self.agreements.conclude(tx, user, call.agreement, now)
        return Confirmed(**user.ids)

    def _chosen(self, tx: Transaction, ticket: Ticket, account_id: UUID) -> UUID:
        """The creator of the sign-up that the reader of the letter chose. Raises `NotFound` where none waits so."""
        if account_id == ticket.account_id:
            return ticket.user_id
        _, email_index = candidate_by_id(tx, ticket.user_id)
        for waiting in self.sign_ups.waiting(tx, email_index):
            if waiting["account_id"] == account_id:
                user_id: UUID = waiting["user_id"]
                return user_id
        raise NotFound("no such sign-up waits for this address")

    # ── what a link stands for ────────────────────────────────────────────────────────────────────────────

    @answers(DescribeLink)
    def describe_link(self, call: DescribeLink) -> LinkShown:
        """What the page behind a letter's link shows before its button does anything."""
        with self.database.transaction() as tx:
            ticket = tickets.ticket_by_token(tx, call.token)
            return self._over() if ticket is None else self._shown(tx, ticket)

    def _over(self) -> LinkShown:
        return LinkShown(
            kind=None,
            standing="over",
            company_name=None,
            sign_ups=(),
            needs_acceptance=False,
            terms_version=self.agreements.in_force().version,
        )

    def _shown(self, tx: Transaction, ticket: Ticket) -> LinkShown:
        is_sign_up = ticket.state.kind == Link.CONFIRMATION
        account, user = accounts.account(tx, ticket.account_id), accounts.user(tx, ticket.user_id)
        standing = link_standing(ticket.state, account, user, self.clock.now())
        if standing == "over":
            return self._over()
        return LinkShown(
            kind=ticket.state.kind,
            standing=standing,
            company_name=self._name_of(tx, ticket.account_id),
            sign_ups=tuple(self._waiting(tx, ticket)) if is_sign_up and standing == "works" else (),
            needs_acceptance=is_sign_up or self.termination.needs_acceptance(tx, account),
            terms_version=self.agreements.in_force().version,
        )

    def _waiting(self, tx: Transaction, ticket: Ticket) -> Iterator[WaitingSignUp]:
        _, email_index = candidate_by_id(tx, ticket.user_id)
        rows = self.sign_ups.waiting(tx, email_index)
        rows.sort(key=lambda row: row["account_id"] != ticket.account_id)
        for row in rows[:SHOWN]:
            agreement = self.agreements.latest(tx, row["account_id"])
            name = self._name_of(tx, row["account_id"])
            if agreement is not None and name is not None:
                yield WaitingSignUp(
                    account_id=row["account_id"],
                    company_name=name,
                    signed_up_at=row["created_at"],
                    document=agreement["document"],
                    terms_version=agreement["version"],
                    of_letter=row["account_id"] == ticket.account_id,
                )

    def _name_of(self, tx: Transaction, account_id: UUID) -> str | None:
        name: str | None = self.sealing.opened_company(accounts.account_row(tx, account_id))["name"]
        return name
