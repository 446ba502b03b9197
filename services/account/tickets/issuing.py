"""Having letters with links written: how many there may be, the ticket of each, and the token that it carries."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.values import AccountState, UserState
from services.account.confirmation.events import UserConfirmationRequested
from services.account.tickets import rules, store
from services.account.tickets.link_endings import LIFE, Link
from services.account.users.events import UserInvited
from shared.database import Transaction
from shared.errors import Conflict, TooMany
from shared.identifiers import new_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A token for the link of a letter, the kind of its ticket, and when it stops working."""

    token: str = field(repr=False)
    kind: str
    ends_at: datetime


def closed_until(tx: Transaction, email_index: bytes, kind: str, *, now: datetime) -> datetime | None:
    """Until when no further letter of this kind goes to the address, whoever asks for it."""
    earlier = store.earlier_letters(tx, email_index, kind, since=now - rules.LETTERS_DAY)
    return rules.letters_closed_until(earlier, now)


def check_letters(tx: Transaction, user: UserState, kind: str, *, now: datetime) -> None:
    """Raises `TooMany` where the user was sent as many letters of this kind as one may get for now."""
    earlier = store.earlier_tickets(tx, user.id, kind, since=now - rules.LETTERS_DAY)
    opens_at = rules.letters_closed_until(earlier, now)
    if opens_at is not None:
        wait = math.ceil((opens_at - now).total_seconds())
        raise TooMany("this address has had enough letters for now", details={"retry_after_seconds": wait})


def check_invitations(tx: Transaction, account: AccountState, *, now: datetime) -> None:
    """Raises `TooMany` where the account, locked for update, has had its letters to strangers for now."""
    limit = rules.invitations_a_day(now)
    rules.check_invitations(store.oldest_counted(tx, account.id, rules.LETTERS_TO_STRANGERS, limit=limit), now)


def issue(tx: Transaction, user: UserState, kind: str, *, now: datetime) -> UUID:
    """A ticket for a letter to this user; its id."""
    return store.insert_ticket(tx, **user.ids, kind=kind, now=now)


def ask_to_confirm(tx: Transaction, user: UserState, *, now: datetime) -> None:
    """Have the address of a sign-up confirmed by letter."""
    ticket_id = issue(tx, user, Link.CONFIRMATION.value, now=now)
    event = UserConfirmationRequested(**user.ids, ticket_id=ticket_id)
    tx.outbox.add(event, now=now, sequence=user.version)


def ask_new_address(tx: Transaction, user: UserState, version: int, *, now: datetime) -> None:
    """Have the address that waits confirmed by letter; earlier ones are not waited for any more."""
    store.void_tickets(tx, user.id, [Link.ADDRESS_CHANGE.value], now=now)
    ticket_id = issue(tx, user, Link.ADDRESS_CHANGE.value, now=now)
    event = UserConfirmationRequested(**user.ids, ticket_id=ticket_id)
    tx.outbox.add(event, now=now, sequence=version)


def invite(tx: Transaction, user: UserState, *, now: datetime) -> None:
    """Have an invitation written to the user; earlier ones stop working."""
    store.void_tickets(tx, user.id, [Link.INVITATION.value], now=now)
    event = UserInvited(**user.ids, ticket_id=issue(tx, user, Link.INVITATION.value, now=now))
    tx.outbox.add(event, now=now, sequence=user.version)


def invite_uninvited(tx: Transaction, account_id: UUID, *, now: datetime) -> None:
    """The same for all of a company who have neither a password nor an invitation on its way."""
    for user_id in store.uninvited(tx, account_id):
        invite(tx, accounts.user(tx, user_id), now=now)


def mint(tx: Transaction, ticket_id: UUID, user_id: UUID, letter: str, *, now: datetime) -> Minted:
    """A new token for the ticket of a letter. Raises `NotFound`, `Conflict`."""
    ticket, token = store.ticket(tx, ticket_id, user_id), new_token()
    if not rules.ticket_is_mintable(ticket.state, letter, now):
        raise Conflict("the ticket is used up, too old, or for another letter")
    store.mint_ticket(tx, ticket.id, token, now=now)
    return Minted(token=token, kind=ticket.state.kind, ends_at=now + LIFE[ticket.state.kind])
