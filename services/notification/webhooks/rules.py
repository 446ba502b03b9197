"""Pure decisions about webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from shared.terms import enforces
from shared.terms.clauses import protection

WEBHOOK_LATEST: Final = timedelta(hours=9)
"""Mailgun repeats a webhook for about eight hours, perhaps with its first signature."""
WEBHOOK_AHEAD: Final = timedelta(minutes=5)


@enforces(protection.ONLY_YOUR_OWN)
def webhook_is_timely(timestamp: str, now: datetime) -> bool:
    """Whether a webhook's signed instant (epoch seconds) is near enough: not from the future, not long past."""
    age = now.timestamp() - int(timestamp)
    return -WEBHOOK_AHEAD.total_seconds() <= age <= WEBHOOK_LATEST.total_seconds()
