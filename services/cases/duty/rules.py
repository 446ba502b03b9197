"""Who answers for what is opened, and who is next. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from services.cases.duty.values import OnDutyPair
from shared.calendar import monday_of, oslo_date
from shared.errors import Invalid

WEEKS_AHEAD: Final = 26
KEPT: Final = timedelta(days=365)


def week_of(now: datetime) -> date:
    """The Monday of the week by the calendar in Oslo."""
    return monday_of(oslo_date(now))


def check(week_on: date, pair: OnDutyPair, now: datetime) -> None:
    """Raise `Invalid` for no Monday, a week that is over or too far ahead, or one person alone."""
    this_week = week_of(now)
    if week_on.weekday() != 0 or not this_week <= week_on <= this_week + timedelta(weeks=WEEKS_AHEAD):
        raise Invalid("a week is named by its Monday", details={"week_on": ["a Monday, half a year ahead at most"]})
    if pair.person == pair.deputy:
        raise Invalid("two persons share a week", details={"deputy": ["another person"]})


def next_owner(owner: str | None, pair: OnDutyPair | None) -> str | None:
    """Who answers once the time is over: the deputy; who is on duty, where nobody did."""
    if pair is None:
        return owner
    return pair.person if owner is None else pair.deputy
