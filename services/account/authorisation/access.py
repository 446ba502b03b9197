"""The way into an account: who may enter it, and what of it may be changed."""

from __future__ import annotations

from uuid import UUID

from services.account.accounts import rules as account_rules
from services.account.accounts import store as accounts
from services.account.accounts.calls import ForAccount
from services.account.accounts.values import AccountState, UserState
from services.account.authorisation import rules
from shared.context import current
from shared.database import Transaction
from shared.errors import Forbidden
from shared.events import Code
from shared.privacy import restricted


def enter(
    tx: Transaction,
    call: ForAccount,
    *,
    owner_only: bool = False,
    lock: accounts.Lock | None = None,
    even_inactive: bool = False,
) -> tuple[AccountState, UserState | None]:
    """The account that the actor may enter, and the actor's own row (None for staff).

    Raises `NotFound` for another company's user, `Forbidden`, and `Locked` for an inactive account.
    """
    account = accounts.account(tx, call.account_id, lock)
    actor_row = accounts.acting_user(tx, call.actor)
    rules.authorise(call.actor, actor_row, account, owner_only=owner_only)
    if not even_inactive:
        account_rules.require_active(account)
    if owner_only:
        rules.check_may_instruct(call.actor, account)
    return account, actor_row


def enter_to_change(tx: Transaction, call: ForAccount) -> tuple[AccountState, UserState | None]:
    """The same for an owner or staff who change the account, which is locked."""
    return enter(tx, call, owner_only=True, lock="update")


def enter_to_read(tx: Transaction, call: ForAccount) -> UserState | None:
    """Who reads, None for staff, who see an inactive one too: who signed for them tells that they look."""
    _, actor_row = enter(tx, call, even_inactive=call.actor.kind == "staff")
    return actor_row


def stated_purpose(said: str) -> Code:
    """What staff read for: as it was signed, whatever else is `said` in the call."""
    statement = current().statement
    return Code(statement.purpose if statement is not None else said)


def enter_as_staff(tx: Transaction, call: ForAccount) -> AccountState:
    """The account, locked, inactive or not. Raises `Forbidden` for a customer."""
    account, actor_row = enter(tx, call, lock="update", even_inactive=True)
    if actor_row is not None:
        raise Forbidden("staff decide this")
    return account


def check_editable(tx: Transaction, account_id: UUID, user_id: UUID | None, category: str) -> None:
    """Raises `Conflict` where this category of the person, or of the company itself, may only be stored."""
    account_rules.check_not_restricted(is_restricted=restricted.is_kept(tx, account_id, user_id, category))
