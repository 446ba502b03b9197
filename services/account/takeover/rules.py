"""What is done about a suspicious log-in. Pure."""

from __future__ import annotations

from datetime import datetime

from services.account.accounts.values import AccountState, UserState
from services.account.takeover.values import SUSPICION_OF, TAKEN_OVER
from shared.terms import enforces
from shared.terms.clauses import monitoring


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def suspicion_of(detector: str) -> str | None:
    """What users are told of it; None for what names no user, and for detectors that came later than this."""
    return SUSPICION_OF.get(detector)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def is_reset_required(suspicion: str, changed_at: datetime | None, seen_at: datetime) -> bool:
    """Whether the password must be set anew: somebody else may know it, and it was not set since."""
    return suspicion == TAKEN_OVER and changed_at is not None and changed_at <= seen_at


def is_told(account: AccountState, user: UserState) -> bool:
    """Whether the user can log in at all; nobody else needs to know."""
    return account.state == user.state == "active" and user.confirmed


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def is_told_already(suspicion: str, reset_required_at: datetime | None, seen_at: datetime) -> bool:
    """Whether a letter has said more: that the password must be new, after what is told now was seen."""
    return suspicion != TAKEN_OVER and reset_required_at is not None and seen_at <= reset_required_at
