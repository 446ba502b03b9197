"""How often works done on time come round: while the process changes nothing, less often than they ask for.

Most rounds find nothing. What they look for is nearly always something that the process itself has just written: an
event it handled, a command it carried out, the round before. What is due by the clock alone waits for at most
`REST_SECONDS` longer.
"""

from __future__ import annotations

import random
import threading
from typing import Final

from shared.clock import Clock

REST_SECONDS: Final = 5.0
"""The longest pause at rest, for works whose own is shorter."""
GROWTH: Final = 1.5
"""By how much each round in which nothing changes makes the next pause longer."""
SPREAD: Final = 0.3
"""By how much a pause at rest may be shorter: works that all begin at one moment need a connection each."""


class Pace:
    """What all works done on time of one process share: whether anything has changed."""

    def __init__(self, clock: Clock) -> None:
        """`clock` may be moved in a demo or a test, and that is a change too."""
        self._clock = clock
        self._offset = clock.offset()
        self._changed = threading.Condition()
        self.changes = 0
        """How many there have been."""

    def note_change(self) -> None:
        """A transaction of the process has written something: nobody rests any longer."""
        with self._changed:
            self.changes += 1
            self._changed.notify_all()

    def look_at_clock(self) -> None:
        """Called a few times a second: where the clock was moved, what somebody waits for may have come."""
        offset, self._offset = self._offset, self._clock.offset()
        if offset != self._offset:
            self.note_change()

    def rest(self, before: int, seconds: float) -> None:
        """Wait for so many seconds, or somewhat less, but not once there are more changes than `before`."""
        with self._changed:
            limit = seconds * random.uniform(1 - SPREAD, 1)  # noqa: S311  # spreads, guards nothing
            self._changed.wait_for(lambda: self.changes != before, timeout=max(limit, 0))


def longer(pause: float, own: float) -> float:
    """The pause after a round in which nothing changed, where the last one was `pause`; `own` is the work's own."""
    return max(own, min(pause * GROWTH, REST_SECONDS))
