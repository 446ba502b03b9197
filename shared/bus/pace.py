"""How often works done on time come round: while the process changes nothing, less often than they ask for.

Most rounds find nothing. What they look for is nearly always something that the process itself has just written: an
event it handled, a command it carried out, the round before. What is due by the clock alone waits for at most
`REST_SECONDS` longer. In a demo or a test the clock may be moved: what is done every hour is done at once where it
was moved by an hour.
"""

from __future__ import annotations

import random
import threading
import time
from typing import Final

from shared.clock import Clock

REST_SECONDS: Final = 20.0
"""The longest pause at rest, for works whose own is shorter."""
GROWTH: Final = 1.5
"""By how much each round in which nothing changes makes the next pause longer."""
MOVED_SECONDS: Final = 3.0
"""Within this time works go on whose pause was over as the clock was moved."""
SPREAD: Final = 0.3
"""By how much what a rest adds to a pause may be shorter."""


class Pace:
    """What all works done on time of one process share: whether anything changed, and how the clock was moved."""

    def __init__(self, clock: Clock) -> None:
        """`clock` may be moved in a demo or a test, and that is a change too."""
        self._clock = clock
        self._offset = clock.offset()
        self._changed = threading.Condition()
        self._disturbed = threading.Condition()
        self._moved_seconds = 0.0
        self.changes = 0
        """How many there have been."""

    def note_change(self) -> None:
        """A transaction of the process has written something: nobody rests any longer."""
        with self._changed:
            self.changes += 1
            self._changed.notify_all()

    def note_end(self) -> None:
        """A work is to end: whoever waits looks whether it is the one."""
        with self._disturbed:
            self._disturbed.notify_all()
        self.note_change()

    def look_at_clock(self) -> None:
        """Called a few times a second: where the clock was moved, what somebody waits for may have come."""
        offset, before = self._clock.offset(), self._offset
        if offset == before:
            return
        self._offset = offset
        with self._disturbed:
            self._moved_seconds += (offset - before).total_seconds()
            self._disturbed.notify_all()
        self.note_change()

    def wait_for_round(self, own: float, pause: float, before: int, *, ending: threading.Event) -> None:
        """Wait for `pause` seconds, but only for `own` once there are more changes than `before`.

        Whoever rests is woken once, and not a second time in between to find that there is still nothing to do.
        """
        began, moved = time.monotonic(), self._moved_seconds
        if pause > own:
            # Works that all begin at one moment need a connection each, so they do not rest equally long.
            spread = random.uniform(1 - SPREAD, 1)  # noqa: S311  # guards nothing
            self.rest(before, own + (pause - own) * spread)
        self.wait(own - (time.monotonic() - began) - (self._moved_seconds - moved), ending=ending)

    def wait(self, seconds: float, *, ending: threading.Event) -> None:
        """Wait for so many seconds of the clock, whether they pass or it is moved; `ending` and `note_end` end it.

        Where it is moved, works go on one after the other within `MOVED_SECONDS`: they need a connection each.
        Apart from `rest`, for every change wakes all who rest.
        """
        due = time.monotonic() + seconds
        with self._disturbed:
            moved = self._moved_seconds
            while not ending.is_set() and (left := due - time.monotonic()) > 0:
                self._disturbed.wait(left)
                if self._moved_seconds - moved >= due - time.monotonic():
                    due = min(due, time.monotonic() + random.uniform(0, MOVED_SECONDS))  # noqa: S311  # guards nothing
                else:
                    due -= self._moved_seconds - moved
                moved = self._moved_seconds

    def rest(self, before: int, seconds: float) -> None:
        """Wait for so many seconds, but not once there are more changes than `before`."""
        with self._changed:
            self._changed.wait_for(lambda: self.changes != before, timeout=seconds)


def longer(pause: float, own: float) -> float:
    """The pause after a round in which nothing changed, where the last one was `pause`; `own` is the work's own."""
    return max(own, min(pause * GROWTH, REST_SECONDS))
