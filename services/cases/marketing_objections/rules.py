"""What is known of objections to marketing beside the steps of their kind. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

OBJECTION_LETTER: Final = "objection_confirmed"
"""The letter by which whoever objected is told that it counts."""
OPENED_WITHIN: Final = timedelta(hours=1)
"""By then the case of an objection is opened; a letter about one that is not there belongs to a file that ended."""


def is_soon(at: datetime, now: datetime) -> bool:
    """Whether the case of a letter that left then may still be about to be opened."""
    return now - at < OPENED_WITHIN
