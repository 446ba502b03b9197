"""Looking for plain values everywhere we could have kept them: tables, queues, files, logs.

The desk's database role reads every table and nothing more; what it sees of personal columns is ciphertext. Two
columns are closed to it, wrapped keys and digests of passwords, neither of which could hold a plain value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from shared.config import Settings

DATABASES: Final = ("account", "retention", "notification", "billing_sync", "audit")
BATCH: Final = 2000
CHUNK_BYTES: Final = 1 << 20
OVERLAP_BYTES: Final = 1024
TABLES: Final = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname
"""

COLUMNS: Final = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
  AND has_column_privilege(attrelid, attnum, 'SELECT')
ORDER BY attnum
"""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A value that was found, and where."""

    place: str
    needle: str


@dataclass
class Searched:
    """What was searched and what was found."""

    tables: int = 0
    rows: int = 0
    queues: int = 0
    messages: int = 0
    files: int = 0
    bytes: int = 0
    hits: list[Hit] = field(default_factory=list)


class Needles:
    """Many values as one expression: UTF-8, UTF-16 and JSON escapes, without regard to case."""

    def __init__(self, values: Iterable[str]) -> None:
        """Values shorter than five characters are refused: they would be found everywhere."""
        self.values = sorted(set(values), key=len, reverse=True)
        short = [value for value in self.values if len(value) < 5]  # noqa: PLR2004  # see above
        if short:
            raise ValueError(f"too short to be searched for: {len(short)} values")
        self._by_spelling: dict[bytes, str] = {}
        for value in self.values:
            for spelling in _spellings(value):
                self._by_spelling.setdefault(spelling, value)
        self._pattern = re.compile(_trie(self._by_spelling)) if self._by_spelling else None

    def found_in(self, content: bytes) -> set[str]:
        """The values that occur in `content`."""
        if self._pattern is None:
            return set()
        return {self._by_spelling[hit] for hit in self._pattern.findall(folded(content))}


def _trie(spellings: Iterable[bytes]) -> bytes:
    """One expression in which common beginnings stand once, so that thousands of values are tried as a few."""
    root: dict[int, Any] = {}
    for spelling in spellings:
        at = root
        for byte in spelling:
            at = at.setdefault(byte, {})
        at[_END] = True
    return _expression(root)


_END: Final = -1


def _expression(node: dict[int, Any]) -> bytes:
    branches = [re.escape(bytes([byte])) + _expression(rest) for byte, rest in node.items() if byte != _END]
    if not branches:
        return b""
    joined = branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"
    return b"(?:" + joined + b")?" if _END in node else joined


def folded(content: bytes) -> bytes:
    """Upper case made lower, also of æ, ø, å in UTF-8; other bytes stay as they are."""
    lowered = content.lower()
    for upper, lower in _FOLDS:
        lowered = lowered.replace(upper, lower)
    return lowered


_FOLDS: Final = [
    (upper.encode(encoding), upper.lower().encode(encoding))
    for upper in "ÆØÅÄÖÜÉ"
    for encoding in ("utf-8", "utf-16-le")
] + [(b"\\u%04x" % ord(upper), b"\\u%04x" % ord(upper.lower())) for upper in "ÆØÅÄÖÜÉ"]


def _spellings(value: str) -> set[bytes]:
    lower = value.casefold()
    escaped = lower.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    return {folded(lower.encode()), folded(lower.encode("utf-16-le")), folded(lower.encode("utf-16-be")), escaped}


def search_databases(settings: Settings, needles: Needles, into: Searched) -> None:
    """Search every row of every table of all six databases."""
    for database in (*DATABASES, "keyring"):
        instance = "keyring" if database == "keyring" else "db"
        dsn = settings.dsn(database, role="desk", instance=instance)
        with psycopg.connect(dsn, options="-c statement_timeout=600000") as connection:
            for (table,) in connection.execute(TABLES).fetchall():
                into.tables += 1
                place = f"table {database}.{table}"
                for content in _rows(connection, table):
                    into.rows += 1
                    into.hits += [Hit(place, needle) for needle in needles.found_in(content)]


def _rows(connection: psycopg.Connection[Any], table: str) -> Iterator[bytes]:
    name = sql.Identifier(table)
    columns = [column for (column,) in connection.execute(COLUMNS, [name.as_string(connection)]).fetchall()]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), name)
    with connection.cursor(name="search") as cursor:
        cursor.itersize = BATCH
        for row in cursor.execute(query):
            yield b"\x00".join(_bytes(value) for value in row)


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    return str(value).encode()


def search_messages(messages: Iterable[tuple[str, bytes]], needles: Needles, into: Searched) -> None:
    """Search messages that lie in queues, given as (queue, everything of the message)."""
    for queue, content in messages:
        into.messages += 1
        into.hits += [Hit(f"queue {queue}", needle) for needle in needles.found_in(content)]


def search_files(folders: Sequence[Path], needles: Needles, into: Searched, *, skip: Sequence[str] = ()) -> None:
    """Search every file below the folders, leaving out names in `skip`."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in skip:
                into.files += 1
                with path.open("rb") as stream:
                    search_stream(_chunks(stream), f"file {path.relative_to(folder)}", needles, into)


def search_stream(chunks: Iterable[bytes], place: str, needles: Needles, into: Searched) -> None:
    """Search a stream; a value that lies across two chunks is found too."""
    tail = b""
    seen: set[str] = set()
    for chunk in chunks:
        into.bytes += len(chunk)
        seen |= needles.found_in(tail + chunk)
        tail = (tail + chunk)[-OVERLAP_BYTES:]
    into.hits += [Hit(place, needle) for needle in sorted(seen)]


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
