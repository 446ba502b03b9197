"""Stops what cannot be undone where the clock has jumped, until a person says that it is right.

One look at a clock that is wrong by years would make every erasure due and every key old enough to be destroyed. So
whatever destroys asks first when this service last ran. Both instants are those of the machine's own clock: that a
demo's clock was moved on purpose is known, and no jump.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared import log
from shared.bus.alarms import Waiting
from shared.clock import Clock
from shared.database import Database, Transaction, load_queries
from shared.errors import Conflict
from shared.wait_bounds import has_jumped

Q: Final = load_queries(__file__, "clock_jump_brake.sql")
NOTE_EVERY: Final = timedelta(seconds=10)

_log = log.get("bus.clock_brake")


class ClockBrake:
    """Stands before the rounds of one service that destroy something."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """The service's own database keeps when it last ran."""
        self._database = database
        self._clock = clock

    def may_destroy(self) -> bool:
        """Whether what cannot be undone may be done now; notes that the service runs."""
        now = self._clock.unmoved()
        with self._database.transaction() as tx:
            mark = tx.one(Q.mark)
            if mark is None or mark["stopped_at"] is not None:
                return False
            if has_jumped(mark["seen_at"], now):
                if tx.run(Q.stop, now=now):
                    _log.critical("clock_jumped_nothing_is_destroyed", last_ran=mark["seen_at"], now=now)
                return False
            if mark["seen_at"] is None or now - mark["seen_at"] >= NOTE_EVERY:
                tx.run_aside(Q.run_on, now=now)
            return True

    def guarded(self, work: Callable[[], Any]) -> Callable[[], None]:
        """The same work, left out while the brake is on."""

        def if_allowed() -> None:
            if self.may_destroy():
                work()

        return if_allowed


def stopped(tx: Transaction) -> Waiting | None:
    """Whether nothing is destroyed now, and since when."""
    return Waiting.of(tx.one(Q.stopped))


def release(tx: Transaction, clock: Clock, *, last_ran: date, today: date) -> datetime:
    """A person says when the system last ran and what day it is; returns the instant from which it goes on.

    Raises `Conflict` where it is not stopped, or where one of the two is not what is known here.
    """
    mark, now = tx.one(Q.mark), clock.unmoved()
    if mark is None or mark["stopped_at"] is None:
        raise Conflict("the clock is believed already; there is nothing to confirm")
    if mark["seen_at"].date() != last_ran:
        raise Conflict("the system did not run last on that day")
    if now.date() != today:
        raise Conflict("the clock does not say that it is that day; set it right first")
    tx.run(Q.release, now=now)
    _log.warning("clock_confirmed", now=now)
    return now
