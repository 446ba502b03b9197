"""A relay that is behind must not become slower the more there is to do."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from shared.bus.relay import BATCH_BYTES, BATCH_ROWS, LONGEST_HOLD, Outbox, OutboxRelay, Q
from shared.bus.relay_metrics import RelayMetrics
from shared.failpoints import Failpoints
from shared.identifiers import new_id
from tests.integration.relay import relay_env

pytestmark = pytest.mark.integration

WAITING = 10_000


@pytest.fixture
def connection(table, broker):
    relay = OutboxRelay(
        Outbox(service="account", dsn=table.databases.relay_dsn("account")),
        broker_url=relay_env.url_of(broker),
        clock=table.clock,
        metrics=RelayMetrics(),
        failpoints=Failpoints("test", {}),
        stop=threading.Event(),
    )
    with relay.connect() as made:
        yield made


def fill(table, *, subjects, held):
    """Rows of as many subjects as are said, of which the first of some are held."""
    now, later = table.clock.now(), table.clock.now() + timedelta(minutes=5)
    columns = "event_id, exchange, routing_key, subject, body, created_at, retry_at"
    with (
        psycopg.connect(table.databases.superuser_dsn("account")) as made,
        made.cursor() as cursor,
        cursor.copy(f"COPY outbox ({columns}) FROM STDIN") as copy,
    ):
        for number in range(WAITING):
            subject = f"account/{number % subjects}"
            retry_at = later if number < held else None
            copy.write_row((new_id(), "account.events", "account.ticked", subject, b"{}", now, retry_at))


def batch(connection, table):
    parameters = {
        "now": table.clock.now(), "limit": BATCH_ROWS, "bytes_limit": BATCH_BYTES, "longest": LONGEST_HOLD,
    }  # fmt: skip
    told = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {Q.waiting}", parameters).fetchone()[0]
    rows = connection.execute(Q.waiting, parameters).fetchall()
    return rows, list(nodes((told if isinstance(told, list) else json.loads(told))[0]["Plan"]))


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_a_batch_reads_no_more_rows_than_it_takes_however_many_wait(table, connection):
    fill(table, subjects=WAITING, held=0)
    rows, plan = batch(connection, table)
    assert len(rows) == BATCH_ROWS
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert max(node["Actual Rows"] for node in plan) == BATCH_ROWS


def test_many_held_subjects_are_looked_up_and_not_gone_through_for_each_row(table, connection):
    fill(table, subjects=WAITING // 2, held=WAITING // 4)
    rows, plan = batch(connection, table)
    assert len(rows) == BATCH_ROWS
    assert {row[4] for row in rows}.isdisjoint({f"account/{number}" for number in range(WAITING // 4)})
    # Each node runs once: none is run again for each row.
    assert max(node["Actual Loops"] for node in plan) == 1


def test_a_row_waits_where_another_of_its_subject_is_held(table, connection):
    about = uuid4()
    table.add(*relay_env.ticks(3, account_id=about), *relay_env.ticks(1))
    second = table.rows("id", "true")[1][0]
    table.change("UPDATE outbox SET retry_at = %s WHERE id = %s", table.clock.now() + timedelta(minutes=1), second)
    rows, _ = batch(connection, table)
    assert [row[4] == f"account/{about}" for row in rows] == [False]


def test_no_look_into_the_database_is_compiled(connection):
    """Without an index to follow a plan costs beyond all bounds, and compiling it took 15 to 55 ms."""
    for query in (Q.position, Q.waiting, Q.measure):
        parameters = {"now": None, "limit": 1, "bytes_limit": 1, "longest": LONGEST_HOLD}
        (told,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", parameters).fetchone()
        assert "JIT" not in (told if isinstance(told, list) else json.loads(told))[0]
