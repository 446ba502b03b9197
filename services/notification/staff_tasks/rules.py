"""Pure decisions about what a person does because no letter can."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from shared.calendar import add_months, oslo_date
from shared.errors import Conflict
from shared.terms import enforces
from shared.terms.clauses import rights
from shared.terms.parameters import in_force

TASK_DAYS: Final = 3
"""Within how many days a person tells what a letter could not."""


def told_by(now: datetime) -> date:
    """The date by which a person tells what a letter could not."""
    return oslo_date(now) + timedelta(days=TASK_DAYS)


@enforces(rights.RIGHT_OF_PORTABILITY)
def copy_due_on(received_on: date, erased_on: date | None, now: datetime) -> date:
    """When a copy that was asked for is handed over: within the month, and before the day of the erasure.

    What is late already is due today. Raises `Conflict` where it was asked for once the erasure may have begun:
    nobody can be promised a copy of what is being erased.
    """
    if erased_on is not None and received_on >= erased_on:
        raise Conflict(
            "the last day to ask for a copy was the day before the erasure", details={"erased_on": str(erased_on)}
        )
    within = add_months(received_on, in_force("dsr.deadline", received_on).default)
    last = within if erased_on is None else min(within, erased_on - timedelta(days=1))
    return max(last, oslo_date(now))
