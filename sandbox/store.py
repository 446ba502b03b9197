"""Everything the sandbox holds: named collections in memory, written through to SQLite where asked to persist.

A collection is an ordered map from key to JSON document. Each has a limit; beyond it the oldest document is
dropped and the drop is counted, so that a long-lived sandbox neither grows without end nor hides that it forgot.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document = dict[str, Any]

DEFAULT_LIMIT: Final = 20_000
FILE_NAME: Final = "sandbox.sqlite3"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS document (
    collection TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (collection, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class Store:
    """All collections and counters. `lock` makes several steps one: hold it around them."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep everything in `folder`/sandbox.sqlite3, or only in memory when `folder` is None."""
        self.lock = threading.RLock()
        self._collections: dict[str, Collection] = {}
        self._counters: dict[str, int] = {}
        self._file: sqlite3.Connection | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            _close_to_others(folder / FILE_NAME)
            # One connection for all threads: `lock` is held around every use of it.
            self._file = sqlite3.connect(folder / FILE_NAME, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            # A restart of the process loses nothing; a machine that loses power may, and that is good enough here.
            self._file.execute("PRAGMA synchronous=OFF")
            self._file.executescript(_SCHEMA)
            self._counters = dict(self._file.execute("SELECT name, value FROM counter"))

    def collection(self, name: str, *, limit: int = DEFAULT_LIMIT) -> Collection:
        """The collection `name`; made on first use, holding at most `limit` documents."""
        with self.lock:
            if name not in self._collections:
                self._collections[name] = Collection(self, name, limit, self._read(name))
            return self._collections[name]

    def collections(self) -> dict[str, Collection]:
        """Every collection that has been asked for, by name."""
        with self.lock:
            return dict(self._collections)

    def next(self, counter: str, *, first: int = 1) -> int:
        """The next whole number of `counter`, beginning with `first`; survives a restart."""
        with self.lock:
            value = self._counters.get(counter, first - 1) + 1
            self._counters[counter] = value
            self.write("INSERT OR REPLACE INTO counter VALUES (?, ?)", (counter, value))
            return value

    def clear(self) -> None:
        """Forget everything, as on the first day."""
        with self.lock:
            for collection in self._collections.values():
                collection.clear()
            self._counters.clear()
            self.write("DELETE FROM counter", ())
            self.write("DELETE FROM document", ())

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        with self.lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def write(self, statement: str, values: tuple[Any, ...]) -> None:
        """Write through to the file, when there is one."""
        if self._file is not None:
            self._file.execute(statement, values)

    def _read(self, name: str) -> list[tuple[str, int, Document]]:
        if self._file is None:
            return []
        rows = self._file.execute(
            "SELECT key, position, body FROM document WHERE collection = ? ORDER BY position", (name,)
        )
        return [(key, position, json.loads(body)) for key, position, body in rows]


def _close_to_others(file: Path) -> None:
    """Make the file, or an older one, its owner's alone; SQLite gives its side files the same mode."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    for each in file.parent.glob(f"{file.name}*"):
        each.chmod(0o600)


class Collection:
    """One ordered map of JSON documents. Documents handed out are the stored ones: change them through `put`."""

    def __init__(self, store: Store, name: str, limit: int, rows: list[tuple[str, int, Document]]) -> None:
        """Begin with `rows` read from the file, oldest first."""
        self.name = name
        self.limit = limit
        self.dropped = 0
        self._store = store
        self._documents: OrderedDict[str, Document] = OrderedDict((key, body) for key, _, body in rows)
        self._positions = {key: position for key, position, _ in rows}
        self._last = max(self._positions.values(), default=0)

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.values())

    def get(self, key: object) -> Document | None:
        """The document under `key`, or None."""
        return self._documents.get(str(key))

    def put(self, key: object, document: Document) -> Document:
        """Store `document` under `key`; a new key goes last, a known one keeps its place."""
        name = str(key)
        with self._store.lock:
            if name not in self._positions:
                self._last += 1
                self._positions[name] = self._last
            self._documents[name] = document
            self._store.write(
                "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?)",
                (self.name, name, self._positions[name], json.dumps(document)),
            )
            while len(self._documents) > self.limit:
                self.delete(next(iter(self._documents)))
                self.dropped += 1
        return document

    def delete(self, key: object) -> Document | None:
        """Remove and return the document under `key`; None when there was none."""
        name = str(key)
        with self._store.lock:
            self._positions.pop(name, None)
            self._store.write("DELETE FROM document WHERE collection = ? AND key = ?", (self.name, name))
            return self._documents.pop(name, None)

    def clear(self) -> None:
        """Remove all documents of this collection."""
        with self._store.lock:
            self._documents.clear()
            self._positions.clear()
            self.dropped = 0
            self._store.write("DELETE FROM document WHERE collection = ?", (self.name,))

    def values(self) -> list[Document]:
        """All documents, oldest first."""
        with self._store.lock:
            return list(self._documents.values())

    def items(self) -> list[tuple[str, Document]]:
        """All keys with their documents, oldest first."""
        with self._store.lock:
            return list(self._documents.items())
