"""Who may do what in an account. Pure."""

from __future__ import annotations

from typing import Final

from services.account.accounts.rules import blocked, is_estate, only_the_trustee
from services.account.accounts.values import AccountState, UserState
from shared.actor import Actor
from shared.errors import Forbidden, Invalid, Locked, NotFound
from shared.terms import enforces
from shared.terms.clauses import documents, monitoring, protection

TRUSTED: Final = frozenset({"staff", "system"})


@enforces(protection.ONLY_YOUR_OWN)
def authorise(actor: Actor, acting: UserState | None, account: AccountState, *, owner_only: bool) -> None:
    """Raises unless `actor` may act in `account`.

    `acting` is the actor's own row, None where there is none in this account: then the account does not
    exist for them (`NotFound`), whether or not it exists for others.
    """
    if actor.kind in TRUSTED:
        return
    if acting is None or acting.account_id != account.id:
        raise NotFound
    if account.blocked:
        raise blocked()
    if acting.state != "active":
        raise Locked
    if owner_only and acting.role != "owner":
        raise Forbidden("only an owner of the account may do this")


@enforces(protection.ONLY_YOUR_OWN)
def may_see(actor: Actor, acting: UserState | None, user: UserState) -> bool:
    """Whether the actor may see or change this user of the account: owners and staff all, users themselves."""
    return acting is None or acting.role == "owner" or actor.user_id == user.id


@enforces(protection.ONLY_YOUR_OWN)
def check_proved(actor: Actor, *, is_proved: bool) -> None:
    """Raises `Invalid` for a customer who has not proved the password again.

    Whoever finds a session open could else end the account, or become its owner for good.
    """
    if actor.kind not in TRUSTED and not is_proved:
        raise Invalid("the password is needed again", details={"fields": {"current_password": ["is needed here"]}})


@enforces(documents.DPA_WITH_THE_ACCOUNT, monitoring.SUSPICIOUS_ACCOUNTS)
def check_may_instruct(actor: Actor, account: AccountState) -> None:
    """Raises `Conflict` for an owner of a bankrupt company: from then on only the trustee of the estate instructs.

    Staff act on what the trustee asks for, and let an owner instruct again where a person has looked at it.
    """
    if actor.kind == "user" and is_estate(account):
        raise only_the_trustee()
