"""Reads the trail for verification: in streams, as it was at one instant, with the right to SELECT only."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Final, cast

import psycopg
from psycopg.rows import tuple_row

from services.audit.checkpoints import chain
from services.audit.checkpoints.signing import COLUMNS, Checkpoint
from services.audit.checkpoints.tree import StoredTree
from services.audit.verification.store import Q
from shared.database import Transaction

FETCH_ROWS: Final = 2000
CHUNK_ROWS: Final = 200
STRETCH_ROWS: Final = 100_000
BEYOND: Final = 2**62
"""A row number that no trail reaches."""

Node = tuple[int, int, bytes]
"""Level, index and hash of a stored node."""
Leaf = tuple[int, bytes | None, bytes, bytes]
"""A row's number, its canonical bytes, its leaf hash and its chain hash."""


class TrailReader:
    """Reads everything that is verified, as it was at one instant, in streams."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """The connection's transaction must not have read anything yet."""
        self._connection = connection
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(Q.verify_search_path)
        connection.execute(Q.verify_in_order)

    def size(self) -> int:
        """The number of the last row."""
        row = self._connection.execute(Q.verify_size).fetchone()
        return int(row["size"]) if row else 0

    def checkpoints(self, from_number: int) -> Iterator[Checkpoint]:
        """Checkpoints from a number on, oldest first."""
        with self._connection.cursor(name="checkpoints", row_factory=tuple_row) as cursor:
            cursor.itersize = FETCH_ROWS
            for row in cursor.execute(Q.verify_checkpoints, {"number": from_number}, binary=True):
                yield Checkpoint(**dict(zip(COLUMNS, row, strict=True)))

    def stretches(self, after: int) -> Iterator[tuple[list[Node], Generator[Leaf]]]:
        """The rows after a number, a stretch at a time, with the stored nodes that the stretch completed.

        The rows are streamed: the server renders the next ones while we hash these, which a cursor that is asked
        for each batch would not do. No statement is long enough to run into its time limit. The rows of a stretch
        must be read before the next stretch is asked for.
        """
        size = self.size()
        for first in range(after, size + 1, STRETCH_ROWS):
            last = first + STRETCH_ROWS
            bounds = {"after": first, "last": last if last <= size else BEYOND}
            with self._connection.cursor(row_factory=tuple_row) as cursor:
                nodes = cursor.execute(Q.verify_nodes, bounds, binary=True).fetchall()
                rows = cursor.stream(Q.verify_rows, bounds, binary=True, size=CHUNK_ROWS)
                yield cast("list[Node]", nodes), cast("Generator[Leaf]", rows)

    def frontier(self, checkpoint: Checkpoint) -> chain.Frontier:
        """The tree at a checkpoint, from stored nodes and leaves."""
        return chain.frontier_at(checkpoint.tree_size, StoredTree(Transaction(self._connection, "audit")))
