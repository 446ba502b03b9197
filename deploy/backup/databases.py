"""Databases to files and back, with PostgreSQL's own programs.

A dump holds the rows that are there, and nothing else: a copy of the server's files would also hold rows and keys
that were destroyed, in pages not yet written over and in the log (ADR 0011 has the figures). All dumps of a set
show the same instant to within milliseconds: a snapshot is taken in each database before the first is read.

A restore fills databases beside those in use and exchanges all of them in one transaction. Whatever fails before
leaves everything as it was; afterwards what was replaced is dropped.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from deploy.backup import programs
from deploy.backup.errors import BackupFailed, RestoreRefused
from deploy.backup.settings import BackupSet
from deploy.provision import postgres

DUMP_SECONDS: Final = 2 * 3600.0
CONNECT_SECONDS: Final = 5
QUIET_SECONDS: Final = 15.0
"""How long a restore waits for the last connection of a service that was just stopped."""
POLL_SECONDS: Final = 0.25
JOBS: Final = 2
SEND_AGAIN: Final = timedelta(hours=2)
"""Longer than a message can be on its way, with every delay after a failure (5 s to 1 h)."""

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
ROLE: Final = "backup"
SUPERUSER: Final = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumped:
    """What was dumped: the size of the files, and how far apart the databases' instants are."""

    bytes: int
    skew_ms: float


class Databases:
    """One set's databases, as the role `backup` and, for a restore, as the superuser."""

    def __init__(self, backup_set: BackupSet, *, password: str, private: Path) -> None:
        """`password` is that of the role used; `private` is a folder for the file in which programs find it."""
        self.set = backup_set
        self._password = password
        self._private = private

    # ── to files ────────────────────────────────────────────────────────────────────────────────────────────────

    def dump(self, folder: Path, now: datetime) -> Dumped:
        """Write every database of the set into `folder`. Raises `BackupFailed`."""
        with told(f"{self.set.name} could not be read"), ExitStack() as stack:
            begun = time.perf_counter()
            connections = [stack.enter_context(self._reading(each.name)) for each in self.set.databases]
            snapshots = [_export(connection) for connection in connections]
            skew_ms = (time.perf_counter() - begun) * 1000
            self._require_room(connections[0], folder)
            version = connections[0].info.server_version
            for database, snapshot in zip(self.set.databases, snapshots, strict=True):
                self._dump_one(database.name, snapshot, folder)
        sizes = {each.name: (folder / f"{each.name}.dump").stat().st_size for each in self.set.databases}
        manifest = {
            "format": FORMAT, "set": self.set.name, "taken_at": now.isoformat(), "server_version": version,
            "skew_ms": round(skew_ms, 1), "databases": sizes,
        }  # fmt: skip
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="ascii")
        return Dumped(bytes=sum(sizes.values()), skew_ms=skew_ms)

    @contextmanager
    def _reading(self, database: str) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._dsn(database, ROLE)) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection
            connection.rollback()

    def _require_room(self, connection: psycopg.Connection, folder: Path) -> None:
        names = [each.name for each in self.set.databases]
        row = connection.execute(
            "SELECT sum(pg_database_size(datname)) FROM pg_database WHERE datname = ANY(%s)", [names]
        ).fetchone()
        needed, free = int(row[0] if row and row[0] else 0), shutil.disk_usage(folder).free
        if free < needed:
            raise BackupFailed(f"{self.set.name} needs {needed:,} bytes of room to be dumped, {free:,} are free")

    def _dump_one(self, database: str, snapshot: str, folder: Path) -> None:
        # Not compressed: the repository compresses, and finds what has not changed only in plain dumps. What is
        # unlogged lasts hours and is left out: a restore must not bring back a session that has ended.
        self._run(
            programs.postgres("pg_dump"), "--format=custom", "--compress=0", f"--snapshot={snapshot}",
            "--no-unlogged-table-data", f"--file={folder / database}.dump",
            f"--dbname={self._address(database)}", "--no-password", role=ROLE,
        )  # fmt: skip

    # ── and back ────────────────────────────────────────────────────────────────────────────────────────────────

    def refuse_while_used(self, *, wait_s: float = QUIET_SECONDS) -> None:
        """Raise `RestoreRefused` where a process still has a connection after a short wait."""
        deadline = time.monotonic() + wait_s
        while users := self._users():
            if time.monotonic() > deadline:
                raise RestoreRefused(
                    f"{', '.join(users)} still work on {self.set.name}: a restore under running services would "
                    "lose what they write. `make restore` stops them first"
                )
            time.sleep(POLL_SECONDS)

    def _users(self) -> list[str]:
        with told(f"{self.set.name} does not answer"), self._superuser() as connection:
            rows = connection.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'client backend' "
                "AND pid <> pg_backend_pid() AND datname = ANY(%s) ORDER BY usename",
                [[each.name for each in self.set.databases]],
            ).fetchall()
        return [str(name) for (name,) in rows]

    def load(self, folder: Path, taken_at: datetime) -> None:
        """Fill databases beside those in use from the files in `folder`. Raises `BackupFailed`."""
        require_whole(self.set, folder)
        with told(f"{self.set.name} could not be restored"), self._superuser() as connection:
            for database in self.set.databases:
                postgres.drop_beside(connection, database)
                beside = postgres.beside(database, postgres.RESTORED)
                postgres.create_if_missing(connection, beside)
                postgres.close_to_others(connection, beside)
                self._load_one(database.name, beside.name, folder)
                self._finish(beside, taken_at)
                postgres.set_functions(self._dsn("postgres", SUPERUSER), beside, of=database.name)

    def _load_one(self, database: str, beside: str, folder: Path) -> None:
        self._run(
            programs.postgres("pg_restore"), "--exit-on-error", f"--jobs={JOBS}", "--no-password",
            f"--dbname={self._address(beside)}", str(folder / f"{database}.dump"), role=SUPERUSER,
        )  # fmt: skip

    def _finish(self, beside: postgres.Database, taken_at: datetime) -> None:
        """Let the planner know the tables, and events go out again that were on their way when the dump was made.

        The broker is not in a backup. An event that had left its outbox and not arrived yet is in no database; it
        is sent once more, and whoever had it already knows its id. What else a database has to know of its restore
        it says itself, in a function `after_restore`.

        All of it with the owner's rights: a trigger on the table would else run with those of the superuser.
        """
        with psycopg.connect(self._dsn(beside.name, SUPERUSER), autocommit=True) as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(beside.owner)))
            outbox = connection.execute("SELECT to_regclass('public.outbox') IS NOT NULL").fetchone()
            if outbox and outbox[0]:
                connection.execute(
                    "UPDATE outbox SET published_at = NULL, attempts = 0, retry_at = NULL WHERE published_at >= %s",
                    [taken_at - SEND_AGAIN],
                )
            asked = connection.execute("SELECT to_regprocedure('public.after_restore()') IS NOT NULL").fetchone()
            if asked and asked[0]:
                connection.execute("SELECT public.after_restore()")
            connection.execute("ANALYZE")

    def switch(self) -> None:
        """Put the filled databases in the place of those in use, all at once, and drop what was there.

        Raises `RestoreRefused` where somebody has connected meanwhile; everything is as before then.
        """
        with told(f"{self.set.name} could not be exchanged"), self._superuser() as connection:
            try:
                with connection.transaction():
                    for database in self.set.databases:
                        _rename(connection, database.name, postgres.beside(database, postgres.REPLACED).name)
                        _rename(connection, postgres.beside(database, postgres.RESTORED).name, database.name)
            except psycopg.errors.ObjectInUse:
                raise RestoreRefused(
                    f"somebody connected to {self.set.name} meanwhile; nothing was changed"
                ) from None
            finally:
                for database in self.set.databases:
                    postgres.drop_beside(connection, database)

    # ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._dsn("postgres", SUPERUSER), autocommit=True) as connection:
            yield connection

    def _dsn(self, database: str, role: str) -> str:
        return psycopg.conninfo.make_conninfo(self._address(database), user=role, password=self._password)

    def _address(self, database: str) -> str:
        """Where a database is, without the password: this much may stand on a command line."""
        return psycopg.conninfo.make_conninfo(
            host=self.set.host, port=self.set.port, dbname=database, connect_timeout=CONNECT_SECONDS
        )

    def _run(self, *argv: str, role: str) -> None:
        passwords = self._private / f"pgpass-{self.set.name}"
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{_escaped(self._password)}\n", encoding="ascii")
        programs.run(argv, env={"PGPASSFILE": str(passwords), "PGUSER": role}, limit_s=DUMP_SECONDS)


def require_whole(backup_set: BackupSet, folder: Path) -> None:
    """Raise `BackupFailed` where the files in `folder` are not a whole backup of this set."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BackupFailed(f"this is no backup of {backup_set.name}: it has no {MANIFEST}") from None
    sizes = {path.stem: path.stat().st_size for path in folder.glob("*.dump")}
    wanted = {each.name for each in backup_set.databases}
    if manifest["format"] != FORMAT or manifest["set"] != backup_set.name:
        raise BackupFailed(f"this is a backup of {manifest['set']}, format {manifest['format']}")
    if sizes != manifest["databases"] or not wanted <= sizes.keys():
        raise BackupFailed(f"this backup of {backup_set.name} lacks a database or a part of one")


def _export(connection: psycopg.Connection) -> str:
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    if row is None:
        raise BackupFailed("PostgreSQL exported no snapshot")
    return str(row[0])


def _rename(connection: psycopg.Connection, old: str, new: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say of PostgreSQL's errors what could not be done and the class; their text may repeat a value."""
    try:
        yield
    except psycopg.Error as error:
        raise BackupFailed(f"{what}: {type(error).__name__} {error.sqlstate or ''}".rstrip()) from None
