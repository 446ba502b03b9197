"""How somebody proves to read at an address: what a letter's link stands for, and what its button does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from services.account import rules
from services.account.access_store import Ticket
from services.account.confirmation.calls import Confirmed, ConfirmEmail, DescribeLink, LinkShown, WaitingSignUp
from services.account.confirmation.events import UserEmailConfirmed
from services.account.email_change.events import UserAddressChanged
from services.account.entry import acting_user, address_not_taken, not_under_erasure
from services.account.letters import letter_rules
from services.account.login.feature import LogIn
from services.account.termination import contract
from services.account.tickets.links import Link
from services.account.users.events import UserUpdated
from shared.bus import answers
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.errors import NotFound
from shared.events import Code
from shared.identifiers import new_id

KINDS: Final = (Link.CONFIRMATION.value, Link.ADDRESS_CHANGE.value)
SHOWN: Final = 20
"""How many sign-ups that wait for one address are shown beside that of the letter."""


class Confirming(LogIn):
    """The proof of an address, by the link of a letter to it."""

    @answers(ConfirmEmail)
    def confirm_email(self, call: ConfirmEmail) -> Confirmed:
        """Confirm the address to which the letter with this token went.

        Of a sign-up nothing counted before. Whoever reads at the address decides which sign-up does and with which
        password; every other one that waits for the address is void. The same person accepts the terms in force:
        that somebody unproved accepted them at sign-up says nothing of whoever reads here.
        """
        with self.database.transaction() as tx:
            ticket = self.usable_ticket(tx, call.token, KINDS)
            if ticket.state.kind == Link.ADDRESS_CHANGE:
                return self._take_new_address(tx, call.token, ticket)
            account_id = call.account_id or ticket.account_id
            user_id = self._chosen(tx, ticket, account_id)
            candidate, email_index = self.store.candidate_by_id(tx, user_id)
        password = rules.password_of_reader(call.password or None)
        self.check_new_password(candidate, password)
        new_hash, now = self.passwords.hash(password), self.clock.now()
        with self.database.transaction() as tx:
            self.store.lock_address(tx, email_index)
            rules.require_open(self.store.account(tx, account_id, "share"))
            user = self.store.user(tx, user_id, lock=True)
            self.usable_ticket(tx, call.token, KINDS, lock=True)
            self.store.use_ticket(tx, ticket.id, now=now)
            with acting_user(user.id), address_not_taken():
                self.set_by_letter(tx, user, new_hash, email_index, now)
                self.conclude(tx, user, call.agreement, now)
        return Confirmed(account_id=user.account_id, user_id=user.id)

    def _chosen(self, tx: Transaction, ticket: Ticket, account_id: UUID) -> UUID:
        """The creator of the sign-up that the reader of the letter chose. Raises `NotFound` where none waits so."""
        if account_id == ticket.account_id:
            return ticket.user_id
        _, email_index = self.store.candidate_by_id(tx, ticket.user_id)
        for waiting in self.store.waiting_sign_ups(tx, email_index):
            if waiting["account_id"] == account_id:
                user_id: UUID = waiting["user_id"]
                return user_id
        raise NotFound("no such sign-up waits for this address")

    def _take_new_address(self, tx: Transaction, token: str, ticket: Ticket) -> Confirmed:
        now, former_id = self.clock.now(), new_id()
        waits = self.store.user_row(tx, ticket.user_id)["new_email_index"]
        if waits is None:
            raise NotFound("the link does not work any more")
        self.store.lock_address(tx, waits)
        user = self.ticket_holder(tx, ticket)
        self.usable_ticket(tx, token, KINDS, lock=True)
        ids = {"account_id": user.account_id, "user_id": user.id}
        with acting_user(user.id), address_not_taken():
            self.check_editable(tx, user.account_id, user.id, "profile")
            with not_under_erasure():
                sealed, former = self.sealing.confirmed_address(self.store.user_row(tx, user.id), former_id)
            version = self.store.take_new_address(tx, user.id, email_sealed=sealed, now=now)
            self.prove_address(tx, waits, user.account_id)
            tx.outbox.add(UserUpdated(**ids, fields=[Code("email")]), now=now, sequence=version)
            tx.outbox.add(UserEmailConfirmed(**ids), now=now, sequence=version)
            if user.confirmed:  # nobody is told at an address that never was anybody's
                self.store.keep_former_address(tx, former_id, user, email_sealed=former, now=now)
                event = UserAddressChanged(**ids, ticket_id=former_id, changed_at=now)
                tx.outbox.add(event, now=now, sequence=version)
        return Confirmed(**ids)

    # ── what a link stands for ────────────────────────────────────────────────────────────────────────────

    @answers(DescribeLink)
    def describe_link(self, call: DescribeLink) -> LinkShown:
        """What the page behind a letter's link shows before its button does anything."""
        with self.database.transaction() as tx:
            ticket = self.store.ticket_by_token(tx, call.token)
            return self._over() if ticket is None else self._shown(tx, ticket)

    def _over(self) -> LinkShown:
        return LinkShown(
            kind=None,
            standing="over",
            company_name=None,
            sign_ups=(),
            needs_acceptance=False,
            terms_version=self.terms_now().version,
        )

    def _shown(self, tx: Transaction, ticket: Ticket) -> LinkShown:
        now, is_sign_up = self.clock.now(), ticket.state.kind == Link.CONFIRMATION
        account, user = self.store.account(tx, ticket.account_id), self.store.user(tx, ticket.user_id)
        standing = letter_rules.link_standing(ticket.state, account, user, now)
        if standing == "over":
            return self._over()
        return LinkShown(
            kind=ticket.state.kind,
            standing=standing,
            company_name=self._name_of(tx, ticket.account_id),
            sign_ups=tuple(self._waiting(tx, ticket)) if is_sign_up and standing == "works" else (),
            needs_acceptance=is_sign_up
            or contract.needs_acceptance(account, self.store.notice(tx, account.id), today=oslo_date(now)),
            terms_version=self.terms_now().version,
        )

    def _waiting(self, tx: Transaction, ticket: Ticket) -> Iterator[WaitingSignUp]:
        _, email_index = self.store.candidate_by_id(tx, ticket.user_id)
        rows = self.store.waiting_sign_ups(tx, email_index)
        rows.sort(key=lambda row: row["account_id"] != ticket.account_id)
        for row in rows[:SHOWN]:
            agreement = self.store.latest_agreement(tx, row["account_id"])
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
        name: str | None = self.sealing.opened_company(self.store.account_row(tx, account_id))["name"]
        return name
