"""What could be read in clear is found: a grant made by hand, a value that was never sealed."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg import sql

from shared.database import Database
from shared.privacy import exposure
from shared.system import DATABASES

pytestmark = pytest.mark.integration


@pytest.fixture(params=DATABASES)
def service(databases, request):
    found = Database(databases.dsn(request.param), source=request.param, size=2)
    found.open(wait_seconds=10)
    yield request.param, found
    found.close()


def seen(database):
    with database.transaction() as tx:
        return [found["count"] for found in (exposure.open_tables(tx), exposure.unsealed_values(tx))]


@pytest.mark.clause("BLIND-2")
def test_a_table_that_the_administrator_may_read_past_its_view_is_found(databases, service) -> None:
    name, database = service
    assert seen(database)[0] == 0
    table = sql.Identifier("outbox")
    with psycopg.connect(databases.superuser_dsn(name), autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT SELECT ON {} TO adminer").format(table))
        try:
            assert seen(database)[0] == 1
        finally:
            connection.execute(sql.SQL("REVOKE SELECT ON {} FROM adminer").format(table))
    assert seen(database)[0] == 0


@pytest.mark.clause("BLIND-1", "CONFIDE-1")
@pytest.mark.parametrize(
    ("value", "found"),
    [(b"\x01" + bytes(28), 0), (b"\x02" + bytes(32), 0), (b"kari@firma.example, written in clear", 1), (b"", 1)],
)
def test_a_value_that_was_never_sealed_is_found(databases, value, found) -> None:
    database = Database(databases.dsn("account"), source="account", size=2)
    database.open(wait_seconds=10)
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as connection:
        before = seen(database)[1]
        row = uuid.uuid4()
        connection.execute(
            "INSERT INTO login_attempt VALUES (%s, NULL, NULL, now(), 'failed', %s, NULL, true, '', '')",
            [row, value],
        )
        try:
            assert seen(database)[1] - before == found
        finally:
            connection.execute("DELETE FROM login_attempt WHERE id = %s", [row])
    database.close()
