"""What whoever administers the databases can read, and that the audit trail hears of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from shared.bus.admin_watch import IDLE, watch_admin
from shared.clock import FixedClock
from shared.database import Database
from shared.database.migrate import folders_of, migrate
from shared.system import DATABASES

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PRIVATE = re.compile("(password|token|secret|wrapped)(_|$)")


def as_adminer(databases, database: str) -> psycopg.Connection:
    return psycopg.connect(databases.dsn("adminer", database=database), autocommit=True)


def denied(connection: psycopg.Connection, statement: str | sql.Composed) -> bool:
    try:
        connection.execute(statement)
    except InsufficientPrivilege:
        return True
    return False


def reads(databases, database: str) -> dict[str, int]:
    query = (
        "SELECT sequencename, last_value FROM pg_sequences "
        "WHERE schemaname = 'reading_count' AND last_value IS NOT NULL"
    )
    with psycopg.connect(databases.dsn(database)) as connection:
        return dict(connection.execute(query).fetchall())


# ── what can be read ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database", DATABASES)
def test_an_administrator_reads_every_table_through_a_view_and_none_directly(databases, database) -> None:
    with psycopg.connect(databases.superuser_dsn(database)) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = [sql.Identifier(name) for (name,) in found]
    assert len(tables) > 5
    with as_adminer(databases, database) as connection:
        for table in tables:
            connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table))
            assert denied(connection, sql.SQL("SELECT 1 FROM public.{}").format(table)), table
            assert denied(connection, sql.SQL("DELETE FROM {}").format(table)), table


@pytest.mark.parametrize("database", DATABASES)
def test_no_digest_of_a_password_or_token_is_among_it(databases, database) -> None:
    columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'reading'"
    with as_adminer(databases, database) as connection:
        names = [name for (name,) in connection.execute(columns)]
    assert len(names) > 20
    assert [name for name in names if PRIVATE.search(name)] == []


def test_no_address_at_which_staff_are_called_is_among_it(databases) -> None:
    with as_adminer(databases, "staff") as connection:
        names = {column.name for column in connection.execute("SELECT * FROM contact").description or ()}
    assert names == {"person_id", "language", "set_at", "set_by", "replaced_at"}


def test_there_are_digests_that_could_have_been_among_it(databases) -> None:
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    with psycopg.connect(databases.superuser_dsn("account")) as connection:
        hidden = {
            (table, name)
            for table, name in connection.execute(columns)
            if PRIVATE.search(name) or (table, name) == ("command_reply", "reply")
        }
    assert {name for _, name in hidden} >= {"password_hash", "token_hash", "reply"}


def test_an_administrator_has_no_way_to_the_keyring(infrastructure) -> None:
    with psycopg.connect(infrastructure.keyring.dsn()) as connection:
        known = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'adminer%'").fetchall()
    assert known == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE smuggled (id int)",
        "CREATE TEMP TABLE smuggled (id int)",
        "CREATE SCHEMA smuggled",
        "UPDATE account SET state = 'active'",
        "SELECT setval('reading_count.account', 1)",
        "SELECT last_value FROM reading_count.account",
        "SELECT rolpassword FROM pg_authid",
        "SELECT stavalues1 FROM pg_statistic",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SET ROLE account",
        "SELECT close_reading()",
        "SELECT public.close_reading()",
        "SELECT public.open_reading()",
    ],
)
def test_an_administrator_changes_nothing_and_cannot_quieten_the_counting(databases, statement) -> None:
    with (
        as_adminer(databases, "account") as connection,
        pytest.raises((InsufficientPrivilege, psycopg.errors.UndefinedFunction)),
    ):
        connection.execute(statement)


# ── that it counts ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM account_user",
        "SELECT 1 FROM account_user LIMIT 1",
        "SELECT count(*) FROM account_user",
        "COPY (SELECT * FROM account_user) TO STDOUT",
        "WITH a AS (SELECT * FROM account_user) SELECT * FROM a",
        "SELECT exists (SELECT FROM account_user WHERE email_sealed IS NULL)",
        "DO $$ BEGIN PERFORM * FROM account_user; END $$",
        "SELECT * FROM query_to_xml('select * from account' || '_user', false, false, '')",
        "EXPLAIN ANALYZE SELECT * FROM account_user",
    ],
)  # fmt: skip
def test_every_way_of_reading_counts(databases, statement) -> None:
    before = reads(databases, "account").get("account_user", 0)
    with as_adminer(databases, "account") as connection:
        if statement.startswith("COPY"):
            with connection.cursor().copy(statement) as copy:
                list(copy)
        else:
            connection.execute(statement)
    assert reads(databases, "account")["account_user"] == before + 1


def test_what_is_rolled_back_counts_and_what_cannot_be_counted_is_not_read(databases) -> None:
    before = reads(databases, "account").get("credential", 0)
    with as_adminer(databases, "account") as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM credential")
        connection.execute("ROLLBACK")
        connection.execute("BEGIN READ ONLY")
        with pytest.raises(ReadOnlySqlTransaction):
            connection.execute("SELECT * FROM credential")
        connection.execute("ROLLBACK")
    assert reads(databases, "account")["credential"] == before + 1


def test_a_condition_of_the_readers_own_sees_no_row_before_the_reading_has_counted(databases) -> None:
    """A cheap function in the reader's condition would otherwise see rows that count for nothing."""
    with as_adminer(databases, "account") as connection:
        found = connection.execute("EXPLAIN SELECT * FROM account_user WHERE length(email_sealed) > 1").fetchall()
    assert "One-Time Filter" in "\n".join(line for (line,) in found)


def test_a_plan_that_is_not_carried_out_reads_no_row_and_counts_as_nothing(databases) -> None:
    """It tells estimates, from what the server keeps of a column's values: SECURITY.md says so."""
    before = reads(databases, "account").get("inbox", 0)
    with as_adminer(databases, "account") as connection:
        ((plan,),) = connection.execute("EXPLAIN (FORMAT JSON) SELECT * FROM inbox WHERE consumer = 'x'").fetchall()
    assert "Actual Rows" not in json.dumps(plan)
    assert reads(databases, "account").get("inbox", 0) == before


# ── that it is told ───────────────────────────────────────────────────────────────────────────────────────────


def told(databases, database: str) -> list[dict]:
    query = "SELECT convert_from(body, 'UTF8') FROM outbox WHERE routing_key LIKE %s ORDER BY created_at"
    with psycopg.connect(databases.superuser_dsn(database)) as connection:
        return [json.loads(body) for (body,) in connection.execute(query, ["admin_session.%"])]


@pytest.mark.parametrize("database", DATABASES)
def test_a_session_is_told_with_its_tables_and_without_its_statements(databases, database) -> None:
    own = Database(databases.dsn(database), source=database.replace("_", "-"), size=2)
    own.open()
    clock = FixedClock(NOW)
    watch_admin(own, clock, database)  # what other tests have read
    clock.move(timedelta(hours=3))
    watch_admin(own, clock, database)
    begun = len(told(databases, database))
    with as_adminer(databases, database) as connection:
        connection.execute("SELECT * FROM parked WHERE note = 'Kari Nordmann'")
        watch_admin(own, clock, database)
        connection.execute("SELECT * FROM parked")
        connection.execute("SELECT * FROM migration")
    clock.move(timedelta(minutes=1))
    for _ in range(200):  # the server forgets a connection a moment after it ended
        watch_admin(own, clock, database)
        clock.move(IDLE)
        watch_admin(own, clock, database)
        if len(told(databases, database)) >= begun + 2:
            break
    own.close()
    opened, closed = told(databases, database)[begun : begun + 2]
    assert (opened["type"], closed["type"]) == ("admin_session.opened", "admin_session.closed")
    assert opened["data"]["session_id"] == closed["data"]["session_id"]
    assert (closed["data"]["role"], closed["data"]["database"]) == ("adminer", database)
    assert closed["data"]["reads"] == {"migration": 1, "parked": 2}
    assert "Kari" not in json.dumps(told(databases, database))


# ── that it does not stand in the way ─────────────────────────────────────────────────────────────────────────


def test_a_later_migration_may_change_what_is_being_read(databases, tmp_path: Path) -> None:
    folder = tmp_path / "later/migrations"
    folder.mkdir(parents=True)
    folders = [*folders_of("billing_sync"), folder]
    (folder / "0001_begin.sql").write_text("CREATE TABLE newcomer (stays int, goes int)")
    assert migrate(databases.owner_dsn("billing_sync"), folders) == ["later/0001_begin.sql"]
    with as_adminer(databases, "billing_sync") as connection:
        connection.execute("SELECT goes FROM newcomer")
    (folder / "0002_change.sql").write_text("ALTER TABLE newcomer DROP COLUMN goes, ADD COLUMN comes int")
    assert migrate(databases.owner_dsn("billing_sync"), folders) == ["later/0002_change.sql"]
    with as_adminer(databases, "billing_sync") as connection:
        connection.execute("SELECT stays, comes FROM newcomer")
    assert migrate(databases.owner_dsn("billing_sync"), folders) == []
    assert reads(databases, "billing_sync")["newcomer"] == 2
