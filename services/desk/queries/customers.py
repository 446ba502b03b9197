"""One customer as staff see it: the company, its people, and what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.account.companies.calls import AccountShown, GetAccount
from services.account.users.calls import ListUsers, User
from services.desk.client import Desk
from services.retention.holds.calls import Holds, HoldShown
from services.retention.monitoring.calls import ErasureShown, Timeline
from services.retention.restrictions.calls import Restrictions, RestrictionShown


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A company, an inactive one too; holds and restrictions are those in force, erasures all."""

    account: AccountShown
    users: tuple[User, ...]
    holds: tuple[HoldShown, ...]
    restrictions: tuple[RestrictionShown, ...]
    erasures: tuple[ErasureShown, ...]


def customer(at: Desk, account_id: UUID, purpose: str) -> Customer:
    """One customer. That somebody looked, and for what `purpose`, is recorded."""
    return Customer(
        account=at.ask(GetAccount(account_id=account_id, actor=at.who, purpose=purpose)),
        users=at.ask(ListUsers(account_id=account_id, actor=at.who, purpose=purpose)).users,
        holds=at.ask(Holds(account_id=account_id)).holds,
        restrictions=at.ask(Restrictions(account_id=account_id)).restrictions,
        erasures=at.ask(Timeline(account_id=account_id)).erasures,
    )
