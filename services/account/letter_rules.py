"""What is decided about letters that somebody asks for who cannot log in any more. Pure."""

from __future__ import annotations

from services.account import rules
from services.account.values import AccountState, UserState
from shared.terms import collection, enforces, watch

BY_LINK = "by_link"
BY_COMPANY = "by_company"
BY_STAFF = "by_staff"
WAYS_BACK = (BY_LINK, BY_COMPANY, BY_STAFF)
"""How somebody inactive may come back: by the letter's link, by asking the company, by asking the staff."""


@enforces(collection.LINK_ONLY_WHILE_ACTIVE, watch.SUSPICIOUS_ACCOUNTS)
def way_back(account: AccountState, user: UserState) -> str | None:
    """Who may bring this user back, one of `WAYS_BACK`; None where company and user are active."""
    if account.state == user.state == "active":
        return None
    if rules.STAFF in (account.inactivated_by, user.inactivated_by):
        return BY_STAFF
    return BY_COMPANY if rules.reactivation_refusal(account, user) else BY_LINK
