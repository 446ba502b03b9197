"""The code that somebody reads off one screen and types at another, and how long it waits. Pure.

Eight letters of sixteen that neither look nor sound alike, in Norwegian or in English: two fours, as `FH27-N9R3`.
That is short enough to be guessed by machine, so it waits ten minutes, is approved only in a session, and who tries
ten that are wrong waits a quarter of an hour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.errors import TooMany
from shared.wait_bounds import noted_by

ALPHABET: Final = "FHJLNRUY23456789"
LETTERS: Final = 8
GROUP: Final = 4
LASTS: Final = timedelta(minutes=10)
INTERVAL: Final = timedelta(seconds=5)
"""How long a device waits between two questions."""
TOLERANCE: Final = timedelta(seconds=1)
"""By how much a question may come early: clocks and networks are not exact."""
POLLS_MOST: Final = 150
"""More than a device asks that waits its time; then it has to begin again."""
PENDING_MOST: Final = 500
"""So many devices wait at once: whoever begins is not known."""


def code_of(letters: Sequence[int]) -> str:
    """The code of eight random numbers below 16, as `understood` gives it."""
    if len(letters) != LETTERS:
        raise ValueError(f"{LETTERS} letters are needed")
    return "".join(ALPHABET[each] for each in letters)


def spaced(code: str) -> str:
    """A code as it is shown."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def understood(text: str) -> str | None:
    """The letters of a code however it was typed; None where it cannot be one."""
    code = "".join(letter for letter in text.upper() if letter.isalnum())
    return code if len(code) == LETTERS and not set(code) - set(ALPHABET) else None


def is_open(begun_at: datetime, now: datetime) -> bool:
    """Whether the code still waits."""
    return noted_by(begun_at, now) and now < begun_at + LASTS


def comes_too_soon(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a device asks again before its time."""
    return asked_at is not None and abs(now - asked_at) < INTERVAL - TOLERANCE


def check_room(pending: int) -> None:
    """Raise `TooMany` where so many devices wait that one more would be too many."""
    if pending >= PENDING_MOST:
        raise TooMany(
            details={"reason": "too_many_devices", "retry_after_seconds": math.ceil(LASTS.total_seconds())}
        )


def too_soon() -> TooMany:
    """What a device is told that asks before its time."""
    return TooMany(details={"reason": "slow_down", "retry_after_seconds": math.ceil(INTERVAL.total_seconds())})
