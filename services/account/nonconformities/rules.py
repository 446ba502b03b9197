"""When a report of a customer is taken. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from services.account.accounts.values import AccountState, UserState
from services.account.nonconformities.values import EARLIEST_YEAR
from shared.calendar import add_months, oslo_date
from shared.daily_limits import check_daily
from shared.past_instants import check_past
from shared.terms import enforces
from shared.terms.clauses.incidents import MENDED_FREE_OF_CHARGE
from shared.terms.parameters import in_force

SHOWN_MOST: Final = 100
REPLY_BYTES: Final = 200_000
"""So much of a reply may be texts: the bus takes 256 KiB, and a hundred of the longest are more than a megabyte."""


def daily_limit(now: datetime) -> int:
    """How many reports in 24 hours one user may make."""
    return in_force("nonconformity.reports_daily", oslo_date(now)).default


@enforces(MENDED_FREE_OF_CHARGE)
def check_often(earlier: Sequence[datetime], now: datetime) -> None:
    """Raises `TooMany` where the user has made so many of the last 24 hours, whose instants are `earlier`.

    It bounds one user, nobody beside: no other of the company is kept from reporting by that, and the refusal says
    whom to ask.
    """
    limit = daily_limit(now)
    check_daily(earlier, now, limit=limit, says=f"one user may report {limit} times in 24 hours")


def fitting(texts: Iterable[str | None]) -> int:
    """How many of these texts, from the first on, one reply holds."""
    left = REPLY_BYTES
    for count, text in enumerate(texts):
        left -= len(json.dumps(text, ensure_ascii=False).encode())
        if left < 0:
            return count
    return SHOWN_MOST


def check_noticed(noticed_at: datetime | None, now: datetime) -> None:
    """Raises `Invalid` for an instant in the future, or one before there was anything to notice."""
    if noticed_at is not None:
        check_past(noticed_at, now, field="noticed_at", earliest_year=EARLIEST_YEAR)


@enforces(MENDED_FREE_OF_CHARGE)
def report_refusal(account: AccountState, user: UserState) -> str | None:
    """Why a report of this user is not taken with the right password; None where it is, be the account inactive."""
    if account.blocked:
        return "account_blocked"
    if not user.confirmed:
        return "unconfirmed"
    return "user_inactive" if user.state != "active" else None


def expires_on(received_at: datetime) -> date:
    """The day on which a report is forgotten: as long after it came as the letter to its sender says."""
    today = oslo_date(received_at)
    return add_months(today, in_force("file.nonconformity", today).default)
