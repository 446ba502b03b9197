"""Writes down how the vendors stand that this process calls, and reads what all processes of the service wrote."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from shared.bus.alarms import Waiting
from shared.clock import Clock
from shared.database import Database, Row, Transaction, load_queries
from shared.vendor_state import STATES, VendorState, VendorStates

Q: Final = load_queries(__file__, "vendor_standing.sql")
SECONDS: Final = 2.0


class VendorKeeper:
    """Takes what has changed since the last round from the process to the database."""

    def __init__(self, database: Database, clock: Clock, states: VendorStates = STATES) -> None:
        """`states` are those of the process."""
        self._database = database
        self._clock = clock
        self._states = states
        self._kept: dict[str, VendorState] = {}

    def keep(self) -> None:
        """One round."""
        changed = [state for state in self._states.all() if self._kept.get(state.vendor) != state]
        if not changed:
            return
        now, tick = self._clock.now(), time.monotonic()
        with self._database.transaction() as tx:
            for state in changed:
                tx.run(
                    Q.keep,
                    vendor=state.vendor,
                    failure=state.failure,
                    since=now - timedelta(seconds=tick - state.since),
                    seen_at=now - timedelta(seconds=tick - state.seen_at),
                    times=state.times,
                )
        self._kept |= {state.vendor: state for state in changed}


def standing(tx: Transaction) -> list[Row]:
    """How each vendor stands that was ever called."""
    return tx.all(Q.standing)


def failing(tx: Transaction) -> Waiting | None:
    """How many vendors fail, and since when the one that has failed longest."""
    return Waiting.of(tx.one(Q.failing))
