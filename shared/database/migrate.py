"""Migrations: plain SQL files, applied in order of name, each once, each in a transaction.

A file that was applied and later changed is refused: the past is not edited.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from shared import config
from shared.system import ALL_DATABASES

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = 0x76696C6B
"""Advisory lock taken while migrating, so that two starts do not migrate at once."""

RECORD: Final = """
CREATE TABLE IF NOT EXISTS migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN migration.name IS 'no_pii';
COMMENT ON COLUMN migration.sha256 IS 'no_pii';
COMMENT ON COLUMN migration.applied_at IS 'no_pii';
"""


class MigrationError(RuntimeError):
    """A migration was changed after it had been applied, or two have the same name."""


def folders_of(database: str) -> list[Path]:
    """The folders whose migrations make up `database`."""
    if database == "keyring":
        return [ROOT / "shared/privacy/migrations"]
    return [ROOT / "shared/database/migrations", ROOT / "services" / database / "migrations"]


def migrate(dsn: str, folders: Sequence[Path]) -> list[str]:
    """Apply what is missing, as the owner that `dsn` names; return the names applied."""
    applied: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(RECORD)
        known: dict[str, str] = dict(connection.execute("SELECT name, sha256 FROM migration").fetchall())
        if any(_name(path) not in known for path in _files(folders)):
            _call_where_known(connection, "close_reading")
        for path in _files(folders):
            name = _name(path)
            text = path.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name in known:
                if known[name] != digest:
                    raise MigrationError(f"{name} was changed after it had been applied")
                continue
            with connection.transaction():
                connection.execute(text.encode())
                connection.execute("INSERT INTO migration (name, sha256) VALUES (%s, %s)", (name, digest))
            applied.append(name)
        if connection.execute("SELECT to_regnamespace('reading') IS NULL").fetchone() == (True,):
            _call_where_known(connection, "open_reading")
    return applied


def _name(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"


def _call_where_known(connection: psycopg.Connection, function: str) -> None:
    """Take away or make the views through which administrators read; see migration 0007."""
    if connection.execute("SELECT to_regprocedure(%s) IS NOT NULL", (f"{function}()",)).fetchone() == (True,):
        connection.execute(sql.SQL("SELECT {}()").format(sql.Identifier(function)))


def _files(folders: Sequence[Path]) -> list[Path]:
    files = [path for folder in folders for path in sorted(folder.glob("*.sql"))]
    if not files:
        raise MigrationError(f"no migrations in {', '.join(str(f) for f in folders)}")
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Migrate all databases, or those named; passwords come from `<database>_owner_password` secrets.

    Says one line a database; which files were applied goes to standard error, for the log.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="*", default=ALL_DATABASES)
    names = parser.parse_args(arguments).databases
    settings = config.load_to_start("migrate")
    for name in names:
        keyring = name == "keyring"
        dsn = config.dsn(
            host=settings.keyring_host if keyring else settings.db_host,
            port=settings.keyring_port if keyring else settings.db_port,
            database=name,
            role=f"{name}_owner",
            password=settings.secrets.read(f"{name}_owner_password"),
        )
        applied = migrate(dsn, folders_of(name))
        sys.stderr.writelines(f"{name}: applied {file}\n" for file in applied)
        count = f"{len(applied)} migration{'' if len(applied) == 1 else 's'} applied"
        sys.stdout.write(f"{name}: {count if applied else 'up to date'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
