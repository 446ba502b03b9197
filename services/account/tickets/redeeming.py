"""Using the link of a letter: whose it is, and whether it works now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.account.accounts import rules as account_rules
from services.account.accounts import store as accounts
from services.account.accounts.values import UserState
from services.account.tickets import rules, store
from services.account.tickets.values import Ticket
from shared.database import Transaction
from shared.errors import Locked, NotFound


def usable_ticket(
    tx: Transaction, token: str, kinds: Sequence[str], *, now: datetime, lock: bool = False
) -> Ticket:
    """The ticket of a token that may be used now.

    Raises `NotFound`, the same whatever is wrong with it, and `Locked` where account or user became inactive
    or staff closed the account: whoever has the letter may know that, and how to come back.
    """
    ticket = store.ticket_by_token(tx, token, lock=lock)
    if ticket is None or ticket.state.kind not in kinds:
        raise over()
    account, user = accounts.account(tx, ticket.account_id), accounts.user(tx, ticket.user_id)
    standing = rules.link_standing(ticket.state, account, user, now)
    if standing == "blocked":
        raise account_rules.blocked()
    if standing == "inactive":
        raise Locked
    if standing == "over":
        raise over()
    return ticket


def ticket_holder(tx: Transaction, ticket: Ticket) -> UserState:
    """Whose ticket it is, locked; the account stays as it is meanwhile. Raises `Locked` where inactive."""
    account_rules.require_open(accounts.account(tx, ticket.account_id, "share"))
    user = accounts.user(tx, ticket.user_id, lock=True)
    if user.state != "active":
        raise Locked
    return user


def over() -> NotFound:
    """What is said of a link that does nothing any more."""
    return NotFound("the link does not work any more")
