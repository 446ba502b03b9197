"""The restore gate before an outbox: a database that was set back holds messages of an earlier day.

They may be about people who were erased since, and they were sent once already. The relay therefore begins with an
outbox only when its service has made the ledger's facts true again. It does not replay anything itself: it may only
read how far the database has come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import psycopg

from shared import log
from shared.database import Database
from shared.database.queries import load_queries
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import GateState, Watch

TRY_SECONDS: Final = 1.0
"""The pause between two looks while the gate is closed."""

Q: Final = load_queries(__file__, "relay.sql")
WORDS: Final = {GateState.BROKEN: "ledger_broken"}
"""What the relay's readiness calls a gate that is not open; any other state is `restoring`."""

_log = log.get("relay")


class OutboxGate:
    """The gate before one outbox. Once it is open, new facts do not close it; a position that goes back does."""

    def __init__(self, ledger: Ledger, *, service: str, dsn: str) -> None:
        """`ledger` is for this gate alone; `dsn` is the relay's way to the database of `service`."""
        self._ledger = ledger
        self._service = service
        self._dsn = dsn
        self._reached: int | None = None

    def stays_open(self, position: int | None) -> bool:
        """Whether the gate was opened, and the database, now at `position`, did not go back since."""
        if self._reached is None:
            return False
        if position is None or position < self._reached:
            _log.warning("database_set_back", outbox=self._service, position=position, was=self._reached)
            self._reached = None
            return False
        self._reached = position
        return True

    def wait(
        self, connection: psycopg.Connection[Any], *, stop: threading.Event, tell: Callable[[str], None]
    ) -> bool:
        """Wait until the database has caught up with the ledger; False where `stop` came first.

        `tell` gets a machine word at each look that finds the gate closed: `restoring` or `ledger_broken`. There is
        no limit: without the service, or without a ledger to rely on, nobody may send what lies there. Raises
        `Unavailable` or `Transient` where the database is away.
        """
        with closing(Database(self._dsn, source=self._service, size=1)) as database:
            database.open()
            watch = Watch(self._ledger, database)
            while not stop.is_set():
                position = self.position(connection)
                if watch.open() is GateState.OPEN:
                    # Read before the look, so that a database set back in between is noticed at the next one.
                    self._reached = position
                    return position is not None
                tell(WORDS.get(watch.state, "restoring"))
                stop.wait(TRY_SECONDS)
        return False

    @staticmethod
    def position(connection: psycopg.Connection[Any]) -> int | None:
        """How far the database has come in the ledger; None where its service has never started."""
        row = connection.execute(Q.position).fetchone()
        return row[0] if row else None
