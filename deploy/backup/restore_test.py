"""Proof that a backup can be restored: it is, into a server that serves nobody, is looked at, and thrown away.

What is shown: every file is there as it was stored, PostgreSQL reads each dump to its end without an error, every
row can be read, and each database stands at a place of the ledger from which its gate could replay. Whether what is
sealed can be opened again needs the key-encryption key, which is in no backup: the restore drill shows that.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from deploy.backup import programs, scratch
from deploy.backup.databases import DUMP_SECONDS, JOBS, MANIFEST, require_whole, told
from deploy.backup.errors import BackupFailed
from deploy.backup.settings import BackupSet
from shared.database.queries import load_queries
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerError, LedgerShortened
from shared.privacy.ledger_lag import Standing, recorded_in, standings
from shared.privacy.ledger_lines import Mark

Q = load_queries(__file__, "scratch.sql")
COPIED_SECONDS: Final = 90.0
"""Longer than it takes until a new fact is in the copy of the ledger that is sent."""
LOOK_SECONDS: Final = 3.0
ROOM: Final = 2
"""A database takes so many times the size of its dump, with its indexes."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a restored backup was found to hold."""

    tables: int
    rows: int


def prove(
    backup_set: BackupSet, files: Path, socket: str, ledger: Ledger | None, say: Callable[[str], None]
) -> Looked:
    """Restore a set from its files into the scratch server, read every row, drop it. Raises `BackupFailed`."""
    require_whole(backup_set, files)
    _require_room(files)
    tables = rows = 0
    marks: dict[str, Mark | None] = {}
    for database in backup_set.databases:
        say(f"restoring {database.name} to look at it")
        with told(f"the backup of {database.name} could not be restored"):
            _fill(socket, database.name, files)
            counted = _count(socket, database.name)
            marks[database.name] = _position(socket, database.name)
            _drop(socket, database.name)
        if not counted:
            raise BackupFailed(f"the backup of {database.name} has no table")
        tables, rows = tables + len(counted), rows + sum(counted)
    if ledger is not None:
        _require_known(ledger, marks, say)
    return Looked(tables, rows)


def _fill(socket: str, database: str, files: Path) -> None:
    with psycopg.connect(scratch.dsn(socket, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
    programs.run(
        [programs.postgres("pg_restore"), "--exit-on-error", f"--jobs={JOBS}", "--no-owner", "--no-privileges",
         f"--dbname={scratch.dsn(socket, database)}", str(files / f"{database}.dump")],
        env={}, limit_s=DUMP_SECONDS,
    )  # fmt: skip


def _count(socket: str, database: str) -> list[int]:
    """The number of rows of each table, all of them read."""
    with psycopg.connect(scratch.dsn(socket, database)) as connection:
        names = [str(name) for (name,) in connection.execute(Q.tables)]
        counted = []
        for name in names:
            table = sql.SQL(name)  # quoted by PostgreSQL itself
            row = connection.execute(sql.SQL("SELECT count(each.*) FROM {} AS each").format(table)).fetchone()
            counted.append(int(row[0]) if row else 0)
        return counted


def _position(socket: str, database: str) -> Mark | None:
    with psycopg.connect(scratch.dsn(socket, database)) as connection:
        found = connection.execute(Q.has_position).fetchone()
    return recorded_in(database, scratch.dsn(socket, database)) if found and found[0] else None


def _drop(socket: str, database: str) -> None:
    with psycopg.connect(scratch.dsn(socket, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def _require_known(ledger: Ledger, marks: dict[str, Mark | None], say: Callable[[str], None]) -> None:
    """The ledger goes on from where each database is: after a restore, a gate could open.

    It is a copy, and a fact that a database knew when it was backed up may have to come into it yet.
    """
    deadline = time.monotonic() + COPIED_SECONDS
    while (wrong := _not_replayable(ledger, marks)) is not None:
        if not isinstance(wrong.error, LedgerShortened) or time.monotonic() > deadline:
            raise BackupFailed(f"a restored {wrong.database} could not be replayed: {wrong.error}") from wrong.error
        say(f"waiting for the copy of the ledger: {wrong.database} knows more")
        time.sleep(LOOK_SECONDS)


def _not_replayable(ledger: Ledger, marks: dict[str, Mark | None]) -> Standing | None:
    """The first database from whose place the ledger does not go on."""
    try:
        head = ledger.verify(every_signature=False).head
    except LedgerError as error:
        raise BackupFailed(f"a restore could not be replayed: {error}") from error
    return next((each for each in standings(ledger, head, marks) if each.error is not None), None)


def _require_room(files: Path) -> None:
    sizes: Sequence[int] = json.loads((files / MANIFEST).read_bytes())["databases"].values()
    needed, free = ROOM * max(sizes, default=0), shutil.disk_usage(files).free
    if free < needed:
        raise BackupFailed(f"{needed:,} bytes of room are needed to look at a backup, {free:,} are free")
