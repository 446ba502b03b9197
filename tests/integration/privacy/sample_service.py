"""A tiny service with people in it, the reference replayer for it, and its restore from an older backup.

Run as a program it starts the gate once and prints where it stands; a failpoint may kill it on the way.
"""
# ruff: noqa: S608  # statements are put together from pieces that stand in this file

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from shared.clock import FixedClock
from shared.database import Database, Transaction
from shared.failpoints import Failpoints
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import KINDS, Entry, Kind
from shared.privacy.restore_gate import Gate
from tests.unit.privacy.ledger_samples import KEY

NOW: Final = datetime(2027, 3, 5, 9, tzinfo=UTC)
BATCH: Final = 10

SCHEMA: Final = """
CREATE TABLE member (
    user_id uuid PRIMARY KEY, account_id uuid NOT NULL, active boolean NOT NULL DEFAULT true,
    changed_at timestamptz NOT NULL, objected_at timestamptz, restricted_since timestamptz, mended_at timestamptz
);
CREATE TABLE hold (hold_id uuid PRIMARY KEY, account_id uuid NOT NULL, released boolean NOT NULL DEFAULT false);
CREATE TABLE fact_replayed (position bigint, worker integer);
GRANT SELECT, INSERT, UPDATE, DELETE ON member, hold, fact_replayed TO account;
"""
KEPT: Final = ("member", "hold", "ledger_position")
"""The tables that a backup holds."""

_OF = "account_id = %(account)s AND (%(user)s::uuid IS NULL OR user_id = %(user)s)"


class MemberReplayer:
    """The reference replayer: each fact is one statement, and each check one question."""

    def __init__(self, failpoints: Failpoints | None = None) -> None:
        """A failpoint `replay` is passed at each fact, `verify` at each check."""
        self._failpoints = failpoints or Failpoints("test", {})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        self._failpoints.hit("replay")
        tx.run(
            "INSERT INTO fact_replayed VALUES (%(position)s, %(worker)s)",
            position=entry.position,
            worker=os.getpid(),
        )
        scope = {"account": entry.account_id, "user": entry.user_id}
        match entry.kind:
            case Kind.ACCOUNT_ERASED | Kind.USER_ERASED:
                tx.run(f"DELETE FROM member WHERE {_OF}", **scope)
                tx.run("DELETE FROM hold WHERE account_id = %(account)s AND %(user)s::uuid IS NULL", **scope)
            case (
                Kind.ACCOUNT_DEACTIVATED | Kind.USER_DEACTIVATED | Kind.ACCOUNT_REACTIVATED | Kind.USER_REACTIVATED
            ):
                active = entry.kind in {Kind.ACCOUNT_REACTIVATED, Kind.USER_REACTIVATED}
                change = "UPDATE member SET active = %(active)s, changed_at = %(since)s"
                tx.run(f"{change} WHERE {_OF} AND changed_at <= %(since)s", active=active, since=entry.at, **scope)
            case Kind.OBJECTION:
                tx.run(f"UPDATE member SET objected_at = %(at)s WHERE {_OF}", at=entry.at, **scope)
            case Kind.RESTRICTION_SET:
                tx.run(f"UPDATE member SET restricted_since = %(at)s WHERE {_OF}", at=entry.at, **scope)
            case Kind.HOLD_PLACED:
                known = "SELECT 1 FROM member WHERE account_id = %(account)s"
                place = (
                    f"INSERT INTO hold SELECT %(hold)s, %(account)s WHERE EXISTS ({known}) ON CONFLICT DO NOTHING"
                )
                tx.run(place, hold=entry.data["hold"], account=entry.account_id)
            case Kind.HOLD_RELEASED:
                tx.run("UPDATE hold SET released = true WHERE hold_id = %(hold)s", hold=entry.data["hold"])

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the fact holds: nobody is found of whom it does not."""
        self._failpoints.hit("verify")
        wrong = {
            Kind.ACCOUNT_ERASED: "true",
            Kind.USER_ERASED: "true",
            Kind.ACCOUNT_DEACTIVATED: "active AND changed_at <= %(at)s",
            Kind.USER_DEACTIVATED: "active AND changed_at <= %(at)s",
            Kind.OBJECTION: "objected_at IS NULL",
            Kind.RESTRICTION_SET: "restricted_since IS NULL",
            Kind.HOLD_PLACED: "NOT EXISTS (SELECT 1 FROM hold WHERE hold_id::text = %(hold)s)",
        }.get(Kind(entry.kind), "false")
        found = tx.all(
            f"SELECT 1 FROM member WHERE {_OF} AND {wrong} LIMIT 1",
            account=entry.account_id,
            user=entry.user_id,
            at=entry.at,
            hold=entry.data.get("hold"),
        )
        return not found

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is in the database."""
        return not tx.all("SELECT 1 FROM member LIMIT 1")

    def settle(self, tx) -> bool:
        return False

    def knows(self, kind: str) -> bool:
        """Whether the fact is one of the kinds of the first format."""
        return kind in KINDS


class Backup:
    """What the tables held at one moment; brought back, they hold exactly that again."""

    def __init__(self, owner_dsn: str) -> None:
        """Take the backup."""
        self._dsn = owner_dsn
        with psycopg.connect(owner_dsn, row_factory=dict_row) as connection:
            self._rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in KEPT}

    def restore(self) -> None:
        """Set the database back."""
        with psycopg.connect(self._dsn) as connection:
            for table, rows in self._rows.items():
                connection.execute(f"DELETE FROM {table}")
                for row in rows:
                    self._insert(connection, table, row)

    @staticmethod
    def _insert(connection: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> None:
        places = ", ".join(f"%({name})s" for name in row)
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row)


def gate_at(database: Database, path: Path, replayer: Any = None, *, batch: int = BATCH) -> Gate:
    ledger = Ledger(path, keys=[KEY.public])
    return Gate(ledger, database, replayer or MemberReplayer(), clock=FixedClock(NOW), batch=batch)


def members(owner_dsn: str) -> dict[UUID, dict[str, Any]]:
    with psycopg.connect(owner_dsn, row_factory=dict_row) as connection:
        return {row["user_id"]: row for row in connection.execute("SELECT * FROM member").fetchall()}


def main() -> None:
    dsn, path = sys.argv[1:]
    database = Database(dsn, source="account", size=2)
    database.open()
    try:
        gate = gate_at(database, Path(path), MemberReplayer(Failpoints("test", os.environ)))
        print(gate.open(), gate.position().position, flush=True)
    finally:
        database.close()


if __name__ == "__main__":
    main()
