"""A pool of connections and the one kind of transaction everything is written in.

Under eventlet psycopg must wait with `select`; `shared.bus.monkey_patch` sets that and `Database.open` asserts it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
import psycopg_pool
import psycopg_pool.pool
from psycopg.rows import dict_row

from shared.context import holding_transaction, is_rehearsal
from shared.database.outbox import Outbox
from shared.database.outbox_hint import OutboxHint
from shared.errors import Transient, Unavailable

Row = dict[str, Any]
ACQUIRE_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
"""How long nobody may have needed a connection before one is closed: each takes 3 MB of the server's memory."""
TRUSTED_SECONDS: Final = 10.0
"""How long a connection that has just served a transaction is believed to be there."""
RETRYABLE_STATES: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available: the same transaction may well succeed at once."""
DOWN_STATES: Final = ("08", "53", "57P")
"""Classes of SQLSTATE: no connection, no resources, the server is shutting down or starting."""


class DatabaseDown(Unavailable):
    """The service's own database cannot be reached or has no connection left; nothing that needs it can be done."""


class Busy(Transient):
    """The database gave way to another transaction; the same work may be tried again at once."""


class Transaction:
    """One open transaction. Everything done through it is committed together or not at all."""

    def __init__(self, connection: psycopg.Connection[Row], source: str) -> None:
        """`source` is the wire name of the service whose outbox this transaction writes to."""
        self.connection = connection
        self.outbox = Outbox(connection, source)
        self._wrote = False

    @property
    def changed(self) -> bool:
        """Whether it has written any row."""
        return self._wrote or self.outbox.added > 0

    def run(self, query: str, /, **parameters: Any) -> int:
        """Execute and return how many rows were touched."""
        return self._execute(query, parameters).rowcount

    def run_aside(self, query: str, /, **parameters: Any) -> int:
        """Like `run`, for what only says that the process lives: no change after which others look again."""
        return self.connection.execute(query, parameters).rowcount

    def one(self, query: str, /, **parameters: Any) -> Row | None:
        """The only row, or None. Raises `LookupError` where there are more."""
        rows = self._execute(query, parameters).fetchmany(2)
        if len(rows) > 1:
            raise LookupError("more than one row where at most one was expected")
        return rows[0] if rows else None

    def all(self, query: str, /, **parameters: Any) -> list[Row]:
        """All rows. The query must have a limit of its own or be bounded by its nature."""
        return self._execute(query, parameters).fetchall()

    def many(self, query: str, rows: Sequence[Mapping[str, Any]], /) -> int:
        """Execute once a row, pipelined; returns how many rows were touched in all."""
        if not rows:
            return 0
        with self.connection.cursor() as cursor:
            cursor.executemany(query, rows)
            self._note(cursor)
            return cursor.rowcount

    def _execute(self, query: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[Row]:
        cursor = self.connection.execute(query, parameters)
        self._note(cursor)
        return cursor

    def _note(self, cursor: psycopg.Cursor[Row]) -> None:
        if cursor.rowcount > 0 and not (cursor.statusmessage or "").startswith("SELECT"):
            self._wrote = True

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that may fail and be undone without undoing the rest."""
        with self.connection.transaction():
            yield

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A part that is carried out to see what it would do, and undone in any case, its locks included."""
        with self.connection.transaction(force_rollback=True):
            yield


class Database:
    """A pool of connections to one database as one role."""

    def __init__(self, dsn: str, *, source: str, size: int = 10) -> None:
        """`size` is the largest number of connections. Nothing is opened before `open`."""
        self.source = source
        self._hint = OutboxHint()
        self._listeners: list[Callable[[], None]] = []
        # A green thread killed by a time-out raises BaseException; the pool must count that waiter as gone.
        psycopg_pool.pool.CLIENT_EXCEPTIONS = BaseException  # type: ignore[assignment]
        self._pool: psycopg_pool.ConnectionPool[psycopg.Connection[Row]] = psycopg_pool.ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=False,
            timeout=ACQUIRE_SECONDS,
            max_idle=IDLE_SECONDS,
            kwargs={"row_factory": dict_row},
            check=self._check,
            name=f"{source}-database",
        )
        self._served: WeakKeyDictionary[psycopg.Connection[Row], float] = WeakKeyDictionary()

    def open(self, *, wait_seconds: float = 30.0) -> None:
        """Open the pool. Raises `Unavailable` when the database does not answer in time."""
        assert_cooperative()
        try:
            self._pool.open(wait=True, timeout=wait_seconds)
        except psycopg_pool.PoolTimeout:
            raise Unavailable(f"the database of {self.source} does not answer") from None

    def close(self) -> None:
        """Close all connections; waits for those in use for at most 5 s."""
        self._pool.close(timeout=5)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction; commit at the end of the block, roll back when it raises, and in a rehearsal.

        Raises `DatabaseDown`, an `Unavailable`, when there is no connection to be had or it is lost, `Busy` on
        deadlock or serialisation failure, `Unavailable` where a statement ran out of its time.
        """
        try:
            with self._pool.connection() as connection:
                with holding_transaction():
                    tx = Transaction(connection, self.source)
                    yield tx
                    is_kept = not is_rehearsal()
                    (connection.commit if is_kept else connection.rollback)()
                if is_kept:
                    self._committed(tx)
                self._served[connection] = time.monotonic()
        except psycopg_pool.PoolTimeout:
            raise DatabaseDown(
                f"no connection to the database of {self.source} within {ACQUIRE_SECONDS} s"
            ) from None
        except psycopg.errors.OperationalError as error:
            if error.sqlstate in RETRYABLE_STATES:
                raise Busy(f"the database of {self.source} gave way ({error.sqlstate})") from None
            down = error.sqlstate is None or error.sqlstate.startswith(DOWN_STATES)
            if down:
                self._served.clear()  # what happened to one connection has happened to the others
            raise (DatabaseDown if down else Unavailable)(
                f"the database of {self.source} failed ({error.sqlstate or 'connection'})"
            ) from None

    def _check(self, connection: psycopg.Connection[Row]) -> None:
        """Ask the server whether it still knows the connection, unless it has served a moment ago.

        Asking before every transaction is a third of what a small one costs.
        """
        if time.monotonic() - self._served.get(connection, float("-inf")) > TRUSTED_SECONDS:
            psycopg_pool.ConnectionPool.check_connection(connection)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each transaction of this process that wrote a row. It must not wait."""
        self._listeners.append(listener)

    def _committed(self, tx: Transaction) -> None:
        if tx.outbox.added:
            self._hint.give(tx.connection)
        if tx.changed:
            for listener in self._listeners:
                listener()

    def ping(self) -> None:
        """Raise where the database does not answer."""
        with self.transaction() as tx:
            tx.one("SELECT 1 AS one")


def assert_cooperative() -> None:
    """Raise where eventlet has patched this process but psycopg would block it.

    The C wait of psycopg stops the whole hub: ten queries of half a second take five seconds instead of half a
    one. `PSYCOPG_WAIT_FUNC=wait_select` must be set before psycopg is first imported.
    """
    patcher = sys.modules.get("eventlet.patcher")
    if patcher is None or not patcher.is_monkey_patched("socket"):
        return
    from psycopg import waiting  # noqa: PLC0415  # looked at only where it matters

    if waiting.wait is not waiting.wait_select:
        raise RuntimeError("psycopg would block the event loop: PSYCOPG_WAIT_FUNC=wait_select was set too late")
