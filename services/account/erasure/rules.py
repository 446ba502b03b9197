"""What is decided about an erasure. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.account.accounts.values import AccountState, UserState
from shared.calendar import oslo_date
from shared.errors import Conflict, Permanent
from shared.terms import enforces
from shared.terms.clauses import erasure

ARCHIVE_YEARS: Final = 4
"""3.5 years after 31 December of the year in which the contract ended is 30 June four years on."""


@enforces(erasure.ERASE_AFTER_INACTIVE, erasure.LOST_FOR_EVER)
def check_erasable(account: AccountState, user: UserState | None) -> None:
    """Raises `Permanent` where what is to be erased is still in use; the order is parked for a person to see."""
    in_use = account.state == "active" and (user is None or user.state == "active")
    if in_use:
        raise Permanent("an active account or user is not erased")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def check_way_back(*, erasure_has_begun: bool) -> None:
    """Raises `Conflict` once the erasure has begun: what is being destroyed cannot come back."""
    if erasure_has_begun:
        raise Conflict("the erasure has begun and cannot be called off")


@enforces(erasure.ERASE_AFTER_INACTIVE)
def check_erasure_may_begin(account: AccountState, user: UserState | None) -> None:
    """Raises `Conflict` where what is to be erased is in use: it came back a moment ago."""
    if (user or account).state == "active":
        raise Conflict("is active, and is not erased")


@enforces(erasure.ERASE_WHEN_NOT_NEEDED)
def archive_until(ended_at: datetime) -> date:
    """The last day on which the accepted agreement is kept: 3.5 years after the end of that financial year."""
    return date(oslo_date(ended_at).year + ARCHIVE_YEARS, 6, 30)
