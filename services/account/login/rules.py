"""Who may log in. Pure."""

from __future__ import annotations

from services.account.accounts.values import AccountState, UserState
from shared.terms import enforces
from shared.terms.clauses import collection


@enforces(collection.LINK_ONLY_WHILE_ACTIVE)
def login_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user may not log in even with the right password; a code of `LOGIN_FAILURES`, or None."""
    if account.state != "active":
        return "account_inactive"
    if account.blocked:
        return "account_blocked"
    if user.state != "active":
        return "user_inactive"
    return None if user.confirmed else "unconfirmed"
