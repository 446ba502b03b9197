"""How many events a second one relay moves from the outbox to confirmed in a quorum queue; target: 5,000.

    pytest tests/benchmarks/relay.py -s

Rows are written beforehand; the time runs from the first marked batch until the last row is marked as published.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from time import monotonic
from uuid import uuid4

import psycopg
import pytest

from shared.database.outbox import encode
from shared.identifiers import new_id
from tests.integration.relay import conftest, support

table = conftest.table

pytestmark = pytest.mark.integration

EVENTS = 20_000
FIRST_BATCH = 500
ONE_IS_MARKED = "id = (SELECT id FROM outbox WHERE published_at IS NOT NULL LIMIT 1)"
ONE_WAITS = "id = (SELECT id FROM outbox WHERE published_at IS NULL ORDER BY id DESC LIMIT 1)"


def fill(table, *, events_per_subject):
    about = uuid4()
    with (
        psycopg.connect(table.databases.superuser_dsn("account")) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY outbox (event_id, exchange, routing_key, subject, body, created_at) FROM STDIN") as copy,
    ):
        for number in range(EVENTS):
            if number % events_per_subject == 0:
                about = uuid4()
            event, event_id, now = support.Ticked(account_id=about, number=number), new_id(), table.clock.now()
            body = encode(event, event_id=event_id, source="account", now=now, sequence=number)
            copy.write_row((event_id, "account.events", event.type, event.subject, body, now))


def cpu_of(pid):
    """Processor seconds of a process so far: what holds on a machine that others use too."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("events_per_subject", [1, 4, 20])
def test_rate_of_the_relay(table, broker, events_per_subject):
    fill(table, events_per_subject=events_per_subject)
    with support.relay_process(table, broker) as process:
        support.until(lambda: table.rows("id", ONE_IS_MARKED), seconds=30, every=0.005)
        started, cpu_before = monotonic(), cpu_of(process.pid)
        support.until(lambda: not table.rows("id", ONE_WAITS), seconds=60, every=0.05)
        seconds = monotonic() - started
        cpu_seconds = cpu_of(process.pid) - cpu_before
        process.terminate()
        assert process.wait(30) == 0
    rate = round((EVENTS - FIRST_BATCH) / seconds)
    told = {
        "events": EVENTS,
        "events_per_subject": events_per_subject,
        "events_per_second": rate,
        "cpu_microseconds_per_event": round(cpu_seconds / (EVENTS - FIRST_BATCH) * 1e6),
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps(told))
    assert rate > 0
