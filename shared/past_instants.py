"""When something happened, as somebody says who was there and we were not. Pure."""

from __future__ import annotations

from datetime import datetime

from shared.errors import Invalid


def check_past(at: datetime, now: datetime, *, field: str, earliest_year: int | None = None) -> None:
    """Raise `Invalid` at `field` for an instant after `now`, or before the year in which it could be at all."""
    if at > now:
        raise Invalid("an instant lies in the past", details={field: ["lies in the future"]})
    if earliest_year is not None and at.year < earliest_year:
        raise Invalid("an instant lies too far in the past", details={field: [f"lies before {earliest_year}"]})
