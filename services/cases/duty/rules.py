"""Who answers for what is opened, and who is next. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from services.cases.duty.values import OnDutyPair
from shared.calendar import monday_of, oslo_date

REGISTER: Final = "duty_rota"
"""The kind of record that the rota is made of."""
KEPT: Final = timedelta(days=365)


def week_of(now: datetime) -> date:
    """The Monday of the week by the calendar in Oslo."""
    return monday_of(oslo_date(now))


def next_owner(owner: str | None, pair: OnDutyPair | None) -> str | None:
    """Who answers once the time is over: the deputy; who is on duty, where nobody did."""
    if pair is None:
        return owner
    return pair.person if owner is None else pair.deputy
