"""What differs at Tripletex, and how long a session lasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from services.billing_sync.tripletex.values import Found
from shared.calendar import oslo_date
from shared.terms import enforces
from shared.terms.clauses import rights


def session_expires_on(now: datetime) -> date:
    """The expiration date to ask a session token for: it dies when the Oslo date reaches it, so not tomorrow's."""
    return oslo_date(now) + timedelta(days=2)


def session_is_fresh(expires_on: date, now: datetime) -> bool:
    """Whether a token still has at least this Oslo day to live."""
    return oslo_date(now) < expires_on - timedelta(days=1)


@enforces(rights.RIGHT_OF_RECTIFICATION)
def difference(wanted: dict[str, Any], found: Found) -> dict[str, Any]:
    """The fields that Tripletex has otherwise; empty where nothing is to be done."""
    return {name: value for name, value in wanted.items() if _plain(found.fields.get(name)) != _plain(value)}


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value
