"""What all entrypoints of the account service share: its parts, and the way into an account."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal
from uuid import UUID

from services.account import rules
from services.account.access_store import AlreadyKnownError
from services.account.accounts.calls import Accepted, AccountChanged, Done, ForAccount
from services.account.accounts.values import AccountState, UserState
from services.account.authentication.passwords import Passwords
from services.account.confirmation.events import UserConfirmationRequested
from services.account.deactivation.events import AccountDeactivated
from services.account.field_encryption.sealing import Sealing
from services.account.letters import letter_rules
from services.account.reencryption.feature import TABLES
from services.account.register.business_register import BusinessRegister
from services.account.store import AccountStore
from services.account.suspicion import suspicion_rules
from services.account.termination.values import Notice
from services.account.tickets.links import Link
from services.account.users.events import UserInvited
from shared import context
from shared.actor import SYSTEM, Actor
from shared.bus import Service
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Conflict, TooMany
from shared.events import Code, Event
from shared.privacy import FencedError, KeyGoneError, restricted
from shared.privacy.key_rotation import Renewing
from shared.privacy.reencryption import Resealer
from shared.terms import texts

AGREEMENT_DOCUMENT: Final = Code("data_processing_agreement")
ACCEPTED: Final = Accepted(status="accepted")
DONE: Final = Done(status="done")


class Entry(Service):
    """The parts that every entrypoint works with."""

    knows_sessions = True

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        sealing: Sealing,
        passwords: Passwords,
        register: BusinessRegister,
        store: AccountStore | None = None,
        terms: texts.TermsTexts | None = None,
        vendor_name: str = "",
    ) -> None:
        """`database` is that of the service's own role; `sealing` has an open keyring.

        `terms` are the texts that customers accept, the sample where none are given. The words of `vendor_name` are
        among those that nobody's password may consist of.
        """
        self.vendor_name = vendor_name
        self.terms = terms or texts.load(texts.DEMO, allow_demo=True)
        self.database = database
        self.clock = clock
        self.sealing = sealing
        self.passwords = passwords
        self.register = register
        self.store = store or AccountStore()
        self.renewing = Renewing(sealing.vault.keyring)
        self.resealer = Resealer(holder="account", database=database, vault=sealing.vault, tables=TABLES)

    def enter(
        self,
        tx: Transaction,
        call: ForAccount,
        *,
        owner_only: bool = False,
        lock: Literal["share", "update"] | None = None,
        even_inactive: bool = False,
    ) -> tuple[AccountState, UserState | None]:
        """The account that the actor may enter, and the actor's own row (None for staff).

        Raises `NotFound` for another company's user, `Forbidden`, and `Locked` for an inactive account.
        """
        account = self.store.account(tx, call.account_id, lock)
        acting = self.store.acting(tx, call.actor)
        rules.authorise(call.actor, acting, account, owner_only=owner_only)
        if not even_inactive:
            rules.require_active(account)
        if owner_only:
            suspicion_rules.check_may_instruct(call.actor, account)
        return account, acting

    def terms_now(self) -> texts.TermsVersion:
        """The version of the terms that is accepted today."""
        return self.terms.in_force(oslo_date(self.clock.now()))

    def check_letters(self, tx: Transaction, user: UserState, kind: str) -> None:
        """Raises `TooMany` where the user was sent as many letters of this kind as one may get for now."""
        now = self.clock.now()
        earlier = self.store.earlier_tickets(tx, user.id, kind, since=now - letter_rules.LETTERS_DAY)
        closed_until = letter_rules.letters_closed_until(earlier, now)
        if closed_until is not None:
            wait = math.ceil((closed_until - now).total_seconds())
            raise TooMany("this address has had enough letters for now", details={"retry_after_seconds": wait})

    def check_invitations(self, tx: Transaction, account: AccountState) -> None:
        """Raises `TooMany` where the account, locked for update, has had its letters to strangers for now."""
        now = self.clock.now()
        oldest = self.store.oldest_counted(
            tx, account.id, letter_rules.LETTERS_TO_STRANGERS, limit=letter_rules.invitations_a_day(now)
        )
        letter_rules.check_invitations(oldest, now)

    def ask_new_address(self, tx: Transaction, user: UserState, version: int) -> None:
        """Have the address that waits confirmed by letter; earlier ones are not waited for any more."""
        now = self.clock.now()
        self.store.void_tickets(tx, user.id, [Link.ADDRESS_CHANGE.value], now=now)
        ticket_id = self.store.insert_ticket(tx, user, "address_change", now=now)
        event = UserConfirmationRequested(account_id=user.account_id, user_id=user.id, ticket_id=ticket_id)
        tx.outbox.add(event, now=now, sequence=version)

    def cut_link(
        self,
        tx: Transaction,
        account: AccountState,
        trigger: str,
        notice: Notice | None = None,
        reason: str | None = None,
    ) -> AccountChanged:
        """Make a locked, active account inactive: sessions end, links in letters are void, the world is told.

        `trigger` is one of `values.TRIGGERS`; `notice` is given where its end is what made the account inactive,
        and `reason` where staff did.
        """
        now = self.clock.now()
        self.store.deactivate_account(tx, account.id, by=trigger, reason=reason, now=now)
        event = AccountDeactivated(
            account_id=account.id,
            trigger=Code(trigger),
            deactivated_at=now,
            user_count=self.store.count_users(tx, account.id).active,
            noticed_on=notice.noticed_on if notice else None,
            notice_ends_on=notice.ends_on if notice else None,
            reason=Code(reason) if reason else None,
        )
        tx.outbox.add(event, now=now, sequence=account.version + 1)
        return AccountChanged(account_id=account.id, version=account.version + 1, state="inactive")

    def tell_change(self, tx: Transaction, actor: Actor, account: AccountState, event: Event) -> AccountChanged:
        """Tell that a company was changed, in the name of who asked for it; returns the reply to the change."""
        with acting(actor):
            tx.outbox.add(event, now=self.clock.now(), sequence=account.version + 1)
        return AccountChanged(account_id=account.id, version=account.version + 1, state=account.state)

    def prove_address(self, tx: Transaction, email_index: bytes, account_id: UUID) -> None:
        """Somebody of the account has proved to read at the address, which is locked.

        Every sign-up that waits for it in another account is void: its password is dropped, its links end, its
        company is closed as one that nobody finished, unless somebody else of it has proved an address.
        """
        now = self.clock.now()
        for waiting in self.store.waiting_sign_ups(tx, email_index):
            if waiting["account_id"] == account_id:
                continue
            account = self.store.account(tx, waiting["account_id"], "update")
            self.store.void_sign_up(tx, waiting["user_id"], now=now)
            if account.state == "active" and not waiting["has_members"]:
                with acting(SYSTEM):
                    self.cut_link(tx, account, rules.ABANDONED)
        self.store.settle_sign_up(tx, account_id, now=now)

    def check_editable(self, tx: Transaction, account_id: UUID, user_id: UUID | None, category: str) -> None:
        """Raises `Conflict` where this category of the person, or of the company itself, may only be stored."""
        rules.check_not_restricted(is_restricted=restricted.is_kept(tx, account_id, user_id, category))

    def invite(self, tx: Transaction, user: UserState) -> None:
        """Have an invitation written to the user; earlier ones stop working."""
        now = self.clock.now()
        self.store.void_tickets(tx, user.id, [Link.INVITATION.value], now=now)
        ticket_id = self.store.insert_ticket(tx, user, "invitation", now=now)
        event = UserInvited(account_id=user.account_id, user_id=user.id, ticket_id=ticket_id)
        tx.outbox.add(event, now=now, sequence=user.version)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Events published in the block say on whose behalf."""
    with context.acting_as(str(actor)):
        yield


def acting_user(user_id: UUID) -> AbstractContextManager[None]:
    """The same for a user who proved to be one."""
    return acting(Actor.user(user_id))


@contextmanager
def not_under_erasure() -> Iterator[None]:
    """Tell the caller where a key may not be used or made any more. Raises `Conflict`."""
    try:
        yield
    except (FencedError, KeyGoneError):
        raise Conflict("the erasure has begun and cannot be called off") from None


@contextmanager
def address_not_taken() -> Iterator[None]:
    """Tell the caller where the address cannot be had. Raises `Conflict`."""
    try:
        yield
    except AlreadyKnownError:
        raise Conflict("this address is in use already") from None
