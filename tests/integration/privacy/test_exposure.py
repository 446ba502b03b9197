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
@pytest.mark.parametrize(
    "right",
    [
        "SELECT ON outbox",
        "TRUNCATE ON outbox",
        "SELECT (id) ON outbox",
        "UPDATE ON SEQUENCE reading_count.outbox",
        "DELETE ON reading.outbox",
    ],
)
def test_what_the_administrator_may_touch_past_its_views_is_found(databases, service, right) -> None:
    name, database = service
    assert seen(database)[0] == 0
    with psycopg.connect(databases.superuser_dsn(name), autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT {} TO adminer").format(sql.SQL(right)))
        try:
            assert seen(database)[0] == 1
        finally:
            connection.execute(sql.SQL("REVOKE {} FROM adminer").format(sql.SQL(right)))
    assert seen(database)[0] == 0


@pytest.mark.clause("BLIND-2")
@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
def test_a_view_that_does_not_count_is_found(databases, service, kind) -> None:
    name, database = service
    with psycopg.connect(databases.superuser_dsn(name), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE {} uncounted AS SELECT * FROM outbox").format(sql.SQL(kind)))
        try:
            connection.execute("GRANT SELECT ON uncounted TO adminer")
            assert seen(database)[0] == 1
        finally:
            connection.execute(sql.SQL("DROP {} uncounted").format(sql.SQL(kind)))


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


@pytest.mark.clause("BLIND-1", "CONFIDE-1")
@pytest.mark.parametrize("sample", [exposure.SAMPLE, 500])
def test_a_value_in_clear_is_found_wherever_in_the_table_it_lies(databases, monkeypatch, sample) -> None:
    monkeypatch.setattr(exposure, "SAMPLE", sample)
    insert = (
        "INSERT INTO login_attempt SELECT gen_random_uuid(), NULL, NULL, now(), 'failed', %s, NULL, true, '', '' "
    )
    database = Database(databases.dsn("account"), source="account", size=2)
    database.open(wait_seconds=10)
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as connection:
        assert seen(database)[1] == 0
        try:
            connection.execute(insert + "FROM generate_series(1, 5000)", [b"\x01" + bytes(28)])
            connection.execute(insert, [b"kari@firma.example"])
            connection.execute("ANALYZE login_attempt")
            looks = 1 if sample > 5001 else 200
            assert any(seen(database)[1] for _ in range(looks))
        finally:
            connection.execute("TRUNCATE login_attempt")
            connection.execute("ANALYZE login_attempt")
    database.close()
