"""What is decided about changes to users. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.account.accounts.rules import is_last_owner
from services.account.accounts.values import UserState
from shared.actor import Actor
from shared.errors import Conflict, Forbidden
from shared.terms import enforces
from shared.terms.clauses import protection

USERS_LIMIT: Final = 5000
OWNER: Final = "owner"
LAST_OWNER: Final = {"reason": "last_owner"}


def check_user_deactivation(user: UserState, active_owners: int) -> None:
    """Raises `Conflict` where the user is inactive already, or is the last owner."""
    if user.state != "active":
        raise Conflict("is inactive already", details={"version": user.version})
    if is_last_owner(user, active_owners):
        raise Conflict(
            "the last owner cannot go: deactivate the account, or make another user an owner", details=LAST_OWNER
        )


def check_room_for_user(users: int) -> None:
    """Raises `Conflict` where the account has as many users as one may have."""
    if users >= USERS_LIMIT:
        raise Conflict(f"an account has at most {USERS_LIMIT} users", details={"reason": "users_limit"})


@enforces(protection.ONLY_YOUR_OWN)
def check_address_change(actor: Actor, user: UserState) -> None:
    """Raises `Forbidden` for one's own address, which is changed with the current password (`change_email`).

    Whoever finds a session open could else take the user over: the address is what a password is reset with.
    """
    if actor.kind == "user" and actor.user_id == user.id:
        raise Forbidden("one's own address is changed with the current password", details={"reason": "password"})


@enforces(protection.ONLY_YOUR_OWN)
def is_about_owners(user: UserState, changes: Mapping[str, Any]) -> bool:
    """Whether these changes of a user say who the company's owners are; an owner proves the password for them.

    They give or take the owner's role, or change the address of an owner, by which a password is set anew.
    """
    return changes.get("role", user.role) != user.role or (user.role == OWNER and "email" in changes)


def check_role_change(user: UserState, role: str, active_owners: int) -> None:
    """Raises `Conflict` where the account would be without an owner, `Invalid` for an owner who never came."""
    if user.role == "owner" and role != "owner" and active_owners <= 1:
        raise Conflict("the last owner cannot go: make another user an owner first", details=LAST_OWNER)
    if role == "owner" and not (user.confirmed and user.state == "active"):
        raise Conflict(
            "only an active user who has taken up the invitation can become an owner",
            details={"reason": "not_taken_up"},
        )
