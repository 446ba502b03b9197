"""How somebody changes the own address: with the current password, to one that is confirmed by letter first.

Owners and staff change those of others by `update_user`; from there on it is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting_user
from services.account.accounts.rules import require_open
from services.account.accounts.values import UserState
from services.account.authentication.credentials import Authentication
from services.account.authentication.values import OpenSession, Reproof
from services.account.authorisation.access import check_editable
from services.account.confirmation.events import UserEmailConfirmed
from services.account.email_change import rules, store
from services.account.email_change.calls import ChangeEmail
from services.account.email_change.events import UserAddressChanged
from services.account.email_change.values import Fetched, FormerAddress
from services.account.field_encryption.sealing import Sealing, not_under_erasure
from services.account.tickets import issuing, redeeming
from services.account.tickets.link_endings import Link
from services.account.tickets.values import Ticket
from services.account.users.calls import UserChanged
from services.account.users.events import UserUpdated
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict
from shared.events import Code
from shared.identifiers import new_id

if TYPE_CHECKING:
    from services.account.sign_up.feature import SignUps

KINDS = (Link.ADDRESS_CHANGE.value,)


@dataclass(eq=False)
class EmailChange(Feature):
    """A new address waits until somebody reads at it; the one before it is told, and then forgotten.

    `sign_ups` ends those that wait for an address which somebody else has proved.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    sign_ups: SignUps

    def _prove(self, call: ChangeEmail) -> tuple[OpenSession, Reproof]:
        """Who it is, once it is known that nothing else is in the way."""
        with self.database.transaction() as tx:
            asking = self.authentication.open_session(tx, call.token, self.clock.now())
            self._check(tx, accounts.user(tx, asking.user_id), call.email)
        return self.authentication.prove_again(call.token, call.current_password, call.origin)

    @answers(ChangeEmail, first=_prove)
    def change_email(self, call: ChangeEmail, tx: Transaction, proved: tuple[OpenSession, Reproof]) -> UserChanged:
        """Change one's own address inside a session; the new one waits until its holder confirms it."""
        session, proof = proved
        with not_under_erasure():
            columns = self.sealing.user_columns(
                session.account_id, session.user_id, {"email": call.email}, address_waits=True
            )
        with acting_user(session.user_id):
            require_open(accounts.account(tx, session.account_id, "share"))
            user = self.authentication.settle_again(tx, call.token, proof)
            self._check(tx, user, call.email)
            row = accounts.update_user(tx, user.id, columns | {"language": None, "role": None})
            issuing.ask_new_address(tx, user, row["version"], now=self.clock.now())
        return UserChanged(user_id=user.id, **row)

    def _check(self, tx: Transaction, user: UserState, email: str) -> None:
        """Asked before the password is compared as well: a refusal for other reasons is no failed guess."""
        check_editable(tx, user.account_id, user.id, "profile")
        issuing.check_letters(tx, user, "address_change", now=self.clock.now())
        accounts.assert_address_free(tx, user, self.sealing.of_email(email))

    # ── for other features ────────────────────────────────────────────────────────────────────────────────

    def take_new_address(self, tx: Transaction, token: str, ticket: Ticket) -> UserState:
        """The link of the letter to a new address was followed: from now on it is the user's."""
        now, former_id = self.clock.now(), new_id()
        waits = accounts.user_row(tx, ticket.user_id)["new_email_index"]
        if waits is None:
            raise redeeming.over()
        accounts.lock_address(tx, waits)
        user = redeeming.ticket_holder(tx, ticket)
        redeeming.usable_ticket(tx, token, KINDS, now=now, lock=True)
        with acting_user(user.id):
            check_editable(tx, user.account_id, user.id, "profile")
            with not_under_erasure():
                sealed, former = self.sealing.confirmed_address(accounts.user_row(tx, user.id), former_id)
            version = store.take_new_address(tx, user.id, email_sealed=sealed, now=now)
            self.sign_ups.prove_address(tx, waits, user.account_id)
            changed = UserUpdated(account_id=user.account_id, user_id=user.id, fields=[Code("email")])
            tx.outbox.add(changed, now=now, sequence=version)
            tx.outbox.add(UserEmailConfirmed(**user.ids), now=now, sequence=version)
            if user.confirmed:  # nobody is told at an address that never was anybody's
                store.keep_former_address(tx, former_id, user, email_sealed=former, now=now)
                event = UserAddressChanged(**user.ids, ticket_id=former_id, changed_at=now)
                tx.outbox.add(event, now=now, sequence=version)
        return user

    def fetch_former_address(self, tx: Transaction, former_id: UUID | None, user_id: UUID) -> Fetched:
        """The replaced address for the letter that tells it. Raises `Conflict` where it is not kept any more."""
        now = self.clock.now()
        row = store.former_address(tx, former_id, user_id) if former_id else None
        if row is None or not rules.former_address_is_kept(
            FormerAddress(replaced_at=row["replaced_at"], fetched_at=row["fetched_at"]), now
        ):
            raise Conflict("the address from before is not kept any more")
        store.note_fetch(tx, row["id"], now=now)
        fetched = FormerAddress(replaced_at=row["replaced_at"], fetched_at=now)
        return Fetched(row=row, known_until=rules.former_address_ends_at(fetched))
