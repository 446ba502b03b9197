"""What differs at Tripletex, and how long a session lasts."""

from __future__ import annotations

from collections.abc import Mapping
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
    return {
        name: _in_its_place(value, found.fields.get(name))
        for name, value in wanted.items()
        if _differs(value, found.fields.get(name))
    }


def _differs(wanted: Any, found: Any) -> bool:
    """Of what lies inside only that is compared which is wanted."""
    if not isinstance(wanted, Mapping):
        return bool(_plain(wanted) != _plain(found))
    inside = found if isinstance(found, Mapping) else {}
    return any(_differs(value, inside.get(name)) for name, value in wanted.items())


def _in_its_place(wanted: Any, found: Any) -> Any:
    """What lies inside keeps the id that it has there, else Tripletex would make another."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping) and "id" in found:
        return {"id": found["id"], **wanted}
    return wanted


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value
