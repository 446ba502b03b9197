from dataclasses import replace

import kombu
import psycopg
import pytest
import requests
from psycopg import sql

from deploy.provision import postgres
from shared.system import BUS_PROCESSES, DATABASES, KEYRING_ROLES, wire_name

pytestmark = pytest.mark.integration


def login(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT current_user").fetchone()[0]


def test_every_service_logs_in_to_its_own_database(databases):
    for service in DATABASES:
        assert login(databases.dsn(service)) == service
        assert login(databases.owner_dsn(service)) == f"{service}_owner"
        assert login(databases.relay_dsn(service)) == "relay"


def test_a_service_is_not_let_into_anothers_database(databases):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        login(databases.dsn("account", database="audit"))


def test_the_desk_reads_and_never_writes(databases):
    dsn = databases.dsn("desk", database="account")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    for statement in ("DELETE FROM outbox", "CREATE TABLE smuggled (id int)"):
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_service_creates_no_tables(databases):
    with (
        psycopg.connect(databases.dsn("account")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE smuggled (id int)")


def test_no_role_but_the_superuser_enters_the_shipped_databases(infrastructure, databases):
    for name in ("postgres", "template1"):
        dsn = psycopg.conninfo.make_conninfo(databases.dsn("account"), dbname=name)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            login(dsn)


def test_only_the_services_with_personal_data_reach_the_keyring(keyring_database, databases):
    for service in KEYRING_ROLES:
        assert login(keyring_database.dsn(service)) == service
    for service in set(DATABASES) - set(KEYRING_ROLES):
        stranger = psycopg.conninfo.make_conninfo(databases.dsn(service), port=keyring_database.server.port)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            login(stranger)


def test_a_role_that_was_let_into_a_database_before_is_not_once_the_system_is_set_up_anew(databases):
    dsn = psycopg.conninfo.make_conninfo(databases.superuser_dsn("account"), user="retired", password="r")
    name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
    described = next(each for each in postgres.service_databases() if each.name == "account")
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as superuser:
        superuser.execute("CREATE ROLE retired LOGIN PASSWORD 'r'")
        try:
            superuser.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO retired").format(sql.Identifier(name))
            )
            assert login(dsn) == "retired"
            postgres.close_to_others(superuser, replace(described, name=name))
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                login(dsn)
            assert login(databases.dsn("account")) == "account"
        finally:
            superuser.execute("DROP OWNED BY retired")
            superuser.execute("DROP ROLE retired")


def test_a_service_role_has_time_limits(databases):
    with psycopg.connect(databases.dsn("account")) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("30s",)
        assert connection.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("30s",)


def test_passwords_are_kept_as_scram_verifiers(infrastructure):
    with psycopg.connect(infrastructure.db.dsn()) as connection:
        rows = connection.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
    roles = postgres.service_instance(infrastructure.secrets_root).roles
    described = {role.name for role in roles if role.password is not None}
    assert {name for name, _ in rows} == described | {"postgres"}
    assert {name for name, password in rows if not password.startswith("SCRAM-SHA-256$")} == set()


def test_every_process_logs_in_at_the_broker_as_itself(broker):
    for user in map(wire_name, BUS_PROCESSES):
        with kombu.Connection(broker.uri(user), connect_timeout=5) as connection:
            connection.connect()
            assert connection.connected


def test_the_default_user_guest_does_not_exist(infrastructure):
    users = {user["name"] for user in infrastructure.broker.call("GET", "/api/users").json()}
    assert "guest" not in users
    address = f"http://127.0.0.1:{infrastructure.broker.management_port}/api/overview"
    assert requests.get(address, auth=("guest", "guest"), timeout=5).status_code == 401
