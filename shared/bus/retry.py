"""What becomes of a message whose handling failed. Pure."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.bus import wire
from shared.errors import Permanent, VilkarError
from shared.events import EventError

ATTEMPTS_LIMIT: Final = 8
"""With the five tiers this is a little more than three hours from the first attempt to the last."""
QUICK_PAUSES_SECONDS: Final = (0.05, 0.2)
"""Before the tries in the same process after the database gave way; nothing else is tried again at once."""
LONGEST_PAUSE_SECONDS: Final = 30.0
REASON_CHARACTERS: Final = 300


@dataclass(frozen=True, kw_only=True)
class Park:
    """Nobody will handle this without a person; `reason` holds no values of the message."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Postpone:
    """Try again after the time of `tier`, then as attempt number `attempt`."""

    tier: wire.Tier
    attempt: int


def decide(
    error: BaseException,
    *,
    attempt: int,
    tiers: Sequence[wire.Tier] = wire.TIERS,
    attempts_limit: int = ATTEMPTS_LIMIT,
) -> Park | Postpone:
    """Park what will fail again, and what has failed `attempts_limit` times; postpone anything else."""
    if isinstance(error, (Permanent, EventError)):
        return Park(reason=reason_of(error))
    if attempt >= attempts_limit:
        return Park(reason=f"failed {attempt} times, last: {reason_of(error)}"[:REASON_CHARACTERS])
    return Postpone(tier=tiers[min(attempt, len(tiers)) - 1], attempt=attempt + 1)


def reason_of(error: BaseException) -> str:
    """The message of our own errors, which are written to hold no values; of others only the class."""
    if isinstance(error, (VilkarError, EventError)) and error.args:
        return str(error.args[0]).replace("\x00", "")[:REASON_CHARACTERS]
    return f"unexpected {type(error).__name__}"


def stack_hash(error: BaseException) -> str:
    """The same for failures of one class at one place in the code, so that parked messages can be grouped."""
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.name}:{frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    text = "\n".join([type(error).__qualname__, *places])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class GrowingPause:
    """Seconds to wait while something everybody needs is down: twice as long each time, up to half a minute."""

    def __init__(self, *, first_seconds: float = 0.5, longest_seconds: float = LONGEST_PAUSE_SECONDS) -> None:
        """`reset` begins at `first_seconds` again."""
        self._first = first_seconds
        self._longest = longest_seconds
        self._next = first_seconds

    def next_seconds(self) -> float:
        """How long to wait now."""
        seconds = self._next
        self._next = min(self._next * 2, self._longest)
        return seconds

    def reset(self) -> None:
        """All is well again."""
        self._next = self._first
