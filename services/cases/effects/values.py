"""How an effect of a decision stands, and what a try has come to."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

LATE_AFTER: Final = timedelta(minutes=15)
"""What is not confirmed by then is for a person to look at, though it is tried on."""


class Outcome(StrEnum):
    """What a try has come to."""

    CONFIRMED = "confirmed"
    """It is done, and whoever had to has confirmed it."""
    PROGRESSED = "progressed"
    """A part is done: the next part follows at once, and the tries are counted anew."""
    WAITING = "waiting"
    """What could be done is done, and the confirmation has not come."""
