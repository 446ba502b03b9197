"""What is decided about the state of companies and users, wherever that matters. Pure.

A rule returns a decision or raises a `Refused`; none of them names a value of personal data in doing so.
"""

from __future__ import annotations

from typing import Any, Final

from services.account.accounts.calls import AtVersion
from services.account.accounts.values import AccountState, UserState
from services.account.register.values import SOLE_PROPRIETORSHIP
from shared.actor import Actor
from shared.errors import ASK_VENDOR, Conflict, Invalid, Locked
from shared.terms import enforces
from shared.terms.clauses import collection, documents, erasure, monitoring, rights

STAFF: Final = "staff"
ABANDONED: Final = "sign_up_abandoned"
ADDRESSING: Final = frozenset({"account_id", "actor", "user_id", "version", "current_password", "origin"})
"""Fields that say what is meant, and who means it; all others are what is to be changed."""
BY_LINK: Final = "by_link"
BY_COMPANY: Final = "by_company"
BY_STAFF: Final = "by_staff"
WAYS_BACK: Final = (BY_LINK, BY_COMPANY, BY_STAFF)
"""How somebody who is kept out may come back: by the letter's link, by asking the company, by asking the staff."""


@enforces(documents.PERSON_CATEGORIES)
def category_of(*, has_number: bool) -> str:
    """`employee` of an organisation, or `private_customer` where no organisation was named."""
    return "employee" if has_number else "private_customer"


@enforces(documents.PERSON_CATEGORIES)
def is_personal(org_form: str | None, *, has_number: bool) -> bool:
    """Whether the company's data are a person's: a sole trader, or nobody known to be an organisation."""
    return org_form == SOLE_PROPRIETORSHIP or not has_number


@enforces(collection.LINK_ONLY_WHILE_ACTIVE)
def require_active(account: AccountState) -> None:
    """Raises `Locked` for an inactive company: nothing is read from it or entered into it."""
    if account.state != "active":
        raise Locked


@enforces(collection.LINK_ONLY_WHILE_ACTIVE, monitoring.SUSPICIOUS_ACCOUNTS)
def require_open(account: AccountState) -> None:
    """Raises `Locked` for an inactive company, and for one that staff have closed to protect it."""
    require_active(account)
    if account.blocked:
        raise blocked()


def blocked() -> Locked:
    """What those are told who have proved who they are, and whose account staff have closed to protect it."""
    return Locked(
        "the vendor has closed the account to protect it, and only the vendor opens it again",
        details={"reason": "blocked", **ASK_VENDOR},
    )


def check_version(current: int, given: int) -> None:
    """Raises `Conflict` with the current version where something was changed since it was read."""
    if current != given:
        raise Conflict("changed since it was read", details={"version": current})


def changes_of(call: AtVersion) -> dict[str, Any]:
    """What is to be changed. Raises `Invalid` where that is nothing."""
    changes = {name: value for name, value in call.given().items() if name not in ADDRESSING}
    if not changes:
        raise Invalid("nothing is to be changed")
    return changes


@enforces(collection.TERMINATION_IS_HEARD, erasure.ERASE_AFTER_INACTIVE)
def deactivation_trigger(actor: Actor) -> str:
    """Who made the account inactive, as the events tell it."""
    return {"user": "customer", "staff": STAFF, "system": ABANDONED}[actor.kind]


def is_last_owner(user: UserState, active_owners: int) -> bool:
    """Whether the company would be without an active owner if this user went."""
    return user.state == "active" and user.role == "owner" and active_owners <= 1


@enforces(monitoring.SUSPICIOUS_ACCOUNTS)
def check_reactivation(thing: AccountState | UserState, actor: Actor) -> None:
    """Raises `Conflict` where the company or user is active already, or staff made it so and others would undo it.

    What was made inactive on suspicion is talked over with the staff, and nobody else ends that (L160).
    """
    if thing.state == "active":
        raise Conflict("is active already", details={"version": thing.version})
    if thing.inactivated_by == STAFF and actor.kind == "user":
        raise held_by_staff()


def held_by_staff() -> Conflict:
    """What those are told who have proved who they are and cannot come back by themselves."""
    return Conflict(
        "the vendor made it inactive, and only the vendor takes it up again",
        details={"reason": "held_by_staff", **ASK_VENDOR},
    )


@enforces(rights.RIGHT_TO_OBJECT_OR_RESTRICT, erasure.HOLD_IN_DISPUTE)
def check_not_restricted(*, is_restricted: bool) -> None:
    """Raises `Conflict` where the data may only be stored: a dispute or the person itself has stopped changes."""
    if is_restricted:
        raise Conflict("restricted: these data may only be stored now", details={"reason": "restricted"})


@enforces(monitoring.SUSPICIOUS_ACCOUNTS)
def reactivation_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user may not reactivate the company with the right password; None where it may."""
    if user.state != "active" or user.role != "owner":
        return "user_inactive"
    if account.blocked:
        return "account_blocked"
    if account.state == "active":
        return "account_active"
    if not user.confirmed:
        return "unconfirmed"
    if account.inactivated_by == STAFF:
        return "held_by_staff"
    return "bankrupt" if is_estate(account) else None


def is_estate(account: AccountState) -> bool:
    """Whether the register calls the company bankrupt and no person has let its owners instruct all the same."""
    return account.register_outcome == "bankrupt" and not account.owner_may_instruct


@enforces(collection.LINK_ONLY_WHILE_ACTIVE, monitoring.SUSPICIOUS_ACCOUNTS)
def way_back(account: AccountState, user: UserState) -> str | None:
    """Who may bring this user back, one of `WAYS_BACK`; None where company and user are active and open.

    Of a bankrupt company only the trustee decides, and staff carry that out: no owner can be asked.
    """
    if account.state == user.state == "active" and not account.blocked:
        return None
    of_staff = STAFF in (account.inactivated_by, user.inactivated_by)
    if of_staff or account.blocked or is_estate(account):
        return BY_STAFF
    return BY_COMPANY if reactivation_refusal(account, user) else BY_LINK


def only_the_trustee() -> Conflict:
    """What the owner of a bankrupt company is told."""
    return Conflict(
        "the company is bankrupt, and only the trustee of the estate may decide for it",
        details={"reason": "bankrupt", **ASK_VENDOR},
    )
