"""Looking for plain values everywhere we could have kept them: tables, queues, files, logs.

The desk's database role reads every table and nothing more; what it sees of personal columns is ciphertext. Two
columns are closed to it, wrapped keys and digests of passwords, neither of which could hold a plain value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from deploy.residue_search.multi_pattern import LONGEST_SPELLING, MultiPattern
from shared.config import Settings
from shared.system import ALL_DATABASES

BATCH: Final = 2000
CHUNK_BYTES: Final = 1 << 20
OVERLAP_BYTES: Final = LONGEST_SPELLING + 8
TABLES: Final = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname
"""

COLUMNS: Final = """
SELECT attname, has_column_privilege(attrelid, attnum, 'SELECT') FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A value that was found, and where."""

    place: str
    needle: str


@dataclass
class Searched:
    """What was searched and what was found; `closed` counts columns that the desk may not read."""

    tables: int = 0
    rows: int = 0
    queues: int = 0
    messages: int = 0
    files: int = 0
    bytes: int = 0
    closed: int = 0
    hits: list[Hit] = field(default_factory=list)


def search_databases(settings: Settings, patterns: MultiPattern, into: Searched) -> None:
    """Search every row of every table of all databases."""
    for database in ALL_DATABASES:
        search_database(settings, database, patterns, into)


def search_database(
    settings: Settings,
    database: str,
    patterns: MultiPattern,
    into: Searched,
    *,
    tick: Callable[[int, int], None] = lambda _done, _of: None,
) -> None:
    """Search every row of every table of one database; `tick` hears how many tables are done of how many."""
    instance = "keyring" if database == "keyring" else "db"
    dsn = settings.dsn(database, role="desk", instance=instance)
    with psycopg.connect(dsn, options="-c statement_timeout=600000") as connection:
        tables = [table for (table,) in connection.execute(TABLES).fetchall()]
        for number, table in enumerate(tables, start=1):
            into.tables += 1
            place = f"table {database}.{table}"
            open_columns = _open_columns(connection, table, into)
            for content in _rows(connection, table, open_columns):
                into.rows += 1
                into.bytes += len(content)
                into.hits += [Hit(place, needle) for needle in patterns.found_in(content)]
            tick(number, len(tables))


def _open_columns(connection: psycopg.Connection[Any], table: str, into: Searched) -> list[str]:
    columns = connection.execute(COLUMNS, [sql.Identifier(table).as_string(connection)]).fetchall()
    into.closed += sum(not readable for _, readable in columns)
    return [column for column, readable in columns if readable]


def _rows(connection: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> Iterator[bytes]:
    name = sql.Identifier(table)
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), name)
    with connection.cursor(name="search") as cursor:
        cursor.itersize = BATCH
        for row in cursor.execute(query):
            yield b"\x00".join(_bytes(value) for value in row)


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    return str(value).encode()


def search_messages(messages: Iterable[tuple[str, bytes]], patterns: MultiPattern, into: Searched) -> None:
    """Search messages that lie in queues, given as (queue, everything of the message)."""
    for queue, content in messages:
        into.messages += 1
        into.hits += [Hit(f"queue {queue}", needle) for needle in patterns.found_in(content)]


def search_files(
    folders: Sequence[Path], patterns: MultiPattern, into: Searched, *, skip: Sequence[str] = ()
) -> None:
    """Search every file below the folders, leaving out names in `skip`."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name not in skip:
                into.files += 1
                with path.open("rb") as stream:
                    search_stream(_chunks(stream), f"file {path.relative_to(folder)}", patterns, into)


def search_stream(chunks: Iterable[bytes], place: str, patterns: MultiPattern, into: Searched) -> None:
    """Search a stream; a value that lies across two chunks is found too."""
    tail = b""
    seen: set[str] = set()
    for chunk in chunks:
        into.bytes += len(chunk)
        seen |= patterns.found_in(tail + chunk)
        tail = (tail + chunk)[-OVERLAP_BYTES:]
    into.hits += [Hit(place, needle) for needle in sorted(seen)]


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
