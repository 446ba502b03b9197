"""Each database role tried out: what it must be able to do, and what it must not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from deploy.provision import postgres
from deploy.residue_search.plain_search import TABLES, MultiPattern, Searched, search_databases
from shared.clock import Clock
from shared.privacy import Keyring, Subject, Vault
from shared.system import DATABASES
from tests.plugins.account_world import KEK

pytestmark = pytest.mark.integration


def denied(dsn: str, statement: str) -> bool:
    with psycopg.connect(dsn) as connection:
        try:
            connection.execute(statement)
        except InsufficientPrivilege:
            return True
    return False


@pytest.fixture(scope="module")
def minted(keyring_database):
    keyring = Keyring(keyring_database.dsn("account"), kek=KEK)
    keyring.open()
    subject = Subject.company(uuid4())
    Vault(keyring).mint([subject], Clock().now())
    yield subject
    keyring.close()


@pytest.mark.parametrize("role", ["desk", "retention"])
def test_no_wrapped_key_is_read_by_who_opens_nothing(keyring_database, minted, role):
    dsn = keyring_database.dsn(role)
    for statement in (
        "SELECT wrapped FROM data_key",
        "SELECT * FROM data_key",
        "SELECT data_key FROM data_key",
        "SELECT length(wrapped) FROM data_key",
        "COPY data_key TO STDOUT",
        "UPDATE data_key SET fingerprint = encode(wrapped, 'hex')",
        "CREATE TEMP TABLE loot AS SELECT wrapped FROM data_key",
    ):
        assert denied(dsn, statement), statement


def test_the_desk_sees_what_became_of_a_key(keyring_database, minted):
    with psycopg.connect(keyring_database.dsn("desk")) as connection:
        query = "SELECT state FROM data_key WHERE subject_id = %s"
        assert connection.execute(query, [minted.id]).fetchone() == ("live",)
        assert connection.execute("SELECT count(*) FROM fence").fetchone() is not None


def test_retention_still_fences_and_destroys(keyring_database):
    account, retention = (Keyring(keyring_database.dsn(role), kek=KEK) for role in ("account", "retention"))
    for keyring in (account, retention):
        keyring.open()
    account_id, now = uuid4(), Clock().now()
    account.mint([Subject.company(account_id), Subject.person(uuid4(), account_id)], now)
    assert retention.fence(account_id, None, now) == 2
    assert len(retention.destroy(account_id, None, now)) == 2
    assert retention.state(Subject.company(account_id)) == "destroyed"
    for keyring in (account, retention):
        keyring.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("account", "UPDATE data_key SET state = 'live'"),
        ("account", "DELETE FROM data_key"),
        ("account", "DELETE FROM fence"),
        ("account", "INSERT INTO fence (account_id, raised_at) VALUES (gen_random_uuid(), now())"),
        ("audit", "INSERT INTO fence (account_id, raised_at) VALUES (gen_random_uuid(), now())"),
        ("audit", "DELETE FROM data_key"),
        ("retention", "UPDATE data_key SET fingerprint = 'x'"),
        ("retention", "INSERT INTO data_key SELECT * FROM data_key"),
        ("desk", "UPDATE data_key SET state = 'fenced'"),
    ],
)
def test_nobody_undoes_an_erasure_in_the_keyring(keyring_database, minted, role, statement):
    assert denied(keyring_database.dsn(role), statement)


@pytest.mark.parametrize("where", ["databases", "keyring_database"])
def test_the_desk_reads_no_passwords_of_roles(request, minted, where):
    access = request.getfixturevalue(where)
    dsn = access.dsn("desk", database="account" if where == "databases" else "keyring")
    assert denied(dsn, "SELECT rolname, rolpassword FROM pg_authid")
    assert denied(dsn, "SELECT stavalues1 FROM pg_statistic")


@pytest.mark.parametrize("database", DATABASES)
def test_the_desk_reads_every_table_of_a_service_and_writes_none(databases, database):
    with psycopg.connect(databases.dsn("desk", database=database)) as connection:
        tables = [name for (name,) in connection.execute(TABLES).fetchall()]
        assert len(tables) > 5
        for table in tables:
            may = "SELECT has_any_column_privilege(%s::regclass, 'SELECT'), has_table_privilege(%s::regclass, %s)"
            reads, writes = connection.execute(may, [table, table, "INSERT, UPDATE, DELETE, TRUNCATE"]).fetchone()
            assert (reads, writes) == (True, False), table


def test_the_desk_reads_no_digests_of_passwords(databases):
    dsn = databases.dsn("desk", database="account")
    assert denied(dsn, "SELECT password_hash FROM credential")
    assert not denied(dsn, "SELECT user_id, changed_at FROM credential")


def test_the_desk_reads_no_address_at_which_staff_are_called(databases):
    dsn = databases.dsn("desk", database="staff")
    assert denied(dsn, "SELECT email FROM contact")
    assert not denied(dsn, "SELECT person_id, set_by FROM contact")


@pytest.mark.parametrize("database", DATABASES)
def test_a_service_owns_nothing_and_makes_nothing(databases, database):
    dsn = databases.dsn(database)
    assert denied(dsn, "CREATE TABLE smuggled (id int)")
    assert denied(dsn, "CREATE TEMP TABLE smuggled (id int)")
    assert denied(dsn, "CREATE SCHEMA smuggled")
    assert denied(dsn, "UPDATE outbox SET body = 'x'")
    assert denied(dsn, "DELETE FROM outbox")
    assert denied(dsn, "COPY outbox TO PROGRAM 'true'")
    assert denied(dsn, "SELECT pg_read_file('/etc/passwd')")
    assert denied(dsn, "SELECT rolpassword FROM pg_authid")


@pytest.mark.parametrize("role", ["desk", "backup", "adminer", "relay"])
def test_who_writes_nothing_holds_nobody_up_and_fills_no_disk(databases, role):
    """Also over a lock: any key would do, and the programs wait for theirs."""
    needed = "SELECT pg_advisory_xact_lock(1)"
    statements = [
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_logical_emit_message(false, 'x', 'x')",
    ]
    for statement in (needed, *statements):
        assert denied(databases.dsn(role, database="account"), statement), statement
    for statement in statements:
        assert denied(databases.dsn("account"), statement), statement
    assert not denied(databases.dsn("account"), needed)


def test_rights_on_functions_come_about_again_where_somebody_has_changed_them(databases, infrastructure):
    superuser, name = infrastructure.db.dsn(), databases.name("audit")
    (database,) = [each for each in postgres.service_databases() if each.name == "audit"]
    rights = "SELECT proname, proacl FROM pg_proc WHERE proacl IS NOT NULL ORDER BY oid"
    with psycopg.connect(databases.superuser_dsn("audit"), autocommit=True) as connection:
        meant = connection.execute(rights).fetchall()
        connection.execute("GRANT EXECUTE ON FUNCTION lo_create(oid), pg_advisory_lock(bigint) TO PUBLIC, desk")
        connection.execute("REVOKE EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) FROM audit")
        postgres.withhold_functions(superuser, replace(database, name=name))
        assert sorted(connection.execute(rights).fetchall()) == sorted(meant)


@pytest.mark.parametrize("database", DATABASES)
def test_the_relay_touches_the_outbox_only_and_reads_how_far_the_database_has_come(databases, database):
    dsn = databases.relay_dsn(database)
    assert not denied(dsn, "TABLE ledger_position")
    assert denied(dsn, "UPDATE ledger_position SET position = 0")
    for table in ("inbox", "parked", "command_reply", "migration"):
        assert denied(dsn, f"TABLE {table}"), table
    assert denied(dsn, "INSERT INTO outbox (event_id) VALUES (gen_random_uuid())")


@dataclass
class Told:
    """Settings as the desk has them, for databases of the test's own."""

    databases: Any
    keyring_database: Any

    def dsn(self, database: str, *, role: str, instance: str) -> str:
        access = self.databases if instance == "db" else self.keyring_database
        return access.dsn(role, database=database)


def test_the_desk_searches_everything_it_may_read(databases, keyring_database, minted):
    with psycopg.connect(databases.owner_dsn("account")) as connection:
        connection.execute(
            "INSERT INTO inbox (consumer, message_id, processed_at) VALUES ('Kåre Østby', gen_random_uuid(), now())"
        )
    found = Searched()
    search_databases(Told(databases, keyring_database), MultiPattern(["kåre østby", str(minted.id)]), found)
    assert {hit.place for hit in found.hits} == {"table account.inbox", "table keyring.data_key"}


def test_what_a_role_has_set_for_itself_is_gone_after_the_next_start_and_it_never_takes_every_connection(databases):
    """PostgreSQL lets each role change its own settings and password."""
    superuser, name = databases.superuser_dsn("account"), f"nogd_{uuid4().hex[:8]}"
    instance = postgres.Instance((postgres.Role(name, "first"),), ())
    settings = (
        "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = setrole WHERE rolname = %s"
    )
    limit = "SELECT rolconnlimit, current_setting('max_connections')::int FROM pg_roles WHERE rolname = %s"
    postgres.provision(superuser, instance)
    try:
        with psycopg.connect(superuser, autocommit=True) as connection:
            meant = sorted(connection.execute(settings, [name]).fetchall())
            connection.execute(f"SET ROLE {name}")
            connection.execute(f"ALTER ROLE {name} SET default_transaction_read_only = on")
            connection.execute(f"ALTER ROLE {name} IN DATABASE {connection.info.dbname} SET statement_timeout = 0")
            connection.execute("RESET ROLE")
            assert len(connection.execute(settings, [name]).fetchall()) == len(meant) + 2
            postgres.provision(superuser, instance)
            assert sorted(connection.execute(settings, [name]).fetchall()) == meant
            most, given = connection.execute(limit, [name]).fetchone()
            assert 0 < most <= given - most
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}")
