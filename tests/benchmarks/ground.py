"""What the benchmarks stand on: servers whose disks are real, a virtual host and a database of each one's own.

Unlike the servers of the tests these make everything durable (fsync on), as in production. Besides, PostgreSQL
notes the instant of each commit, which is what an effect is counted by.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from deploy.native.infrastructure import Infrastructure
from shared.bus import wire
from shared.database.outbox import INSERT
from tests.integration.bus.constants import SOURCE
from tests.integration.bus.harness import Bench, Process, envelope
from tests.plugins.infrastructure import BrokerAccess
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.native.postgresql import PostgresServer

START_SECONDS = 60.0
LOOK_SECONDS = 0.05
OURS = "tests.integration.bus.probe"
BARE = "tests.benchmarks.bare"
RELAY = "tests.benchmarks.relaying"
EVENT = "probe.happened"
COLUMNS = "event_id, exchange, routing_key, subject, body, created_at"
CHANGES_PER_SUBJECT = 4
EFFECTS = "SELECT count(*) FROM probe_effect"
LAST_EFFECT = "SELECT max(pg_xact_commit_timestamp(xmin)) AS at FROM probe_effect"


class NotForMeasuringError(Exception):
    """These servers would give figures that mean nothing."""


@contextmanager
def servers(folder: Path | None) -> Iterator[Infrastructure]:
    """Servers below `folder`, started where they do not run and left running; or own ones, removed at the end."""
    root = folder or Path(tempfile.mkdtemp(prefix="vilkar-benchmark-"))
    standing = Infrastructure(root)
    if standing.exists() and standing.settings.for_tests:
        raise NotForMeasuringError(f"the servers below {root} are for tests: their disks are not real")
    try:
        standing.start()
        _note_commits(standing.db)
        yield standing
    finally:
        if folder is None:
            standing.stop()
            shutil.rmtree(root, ignore_errors=True)


def _note_commits(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        for setting, wanted in (("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")):
            (found,) = connection.execute("SELECT current_setting(%s)", [setting]).fetchone() or ("",)
            if found != wanted:
                raise NotForMeasuringError(f"{setting} is {found}")
        if connection.execute("SHOW track_commit_timestamp").fetchone() == ("on",):
            return
        connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    server.stop()
    server.launch()
    server.wait_ready(time.monotonic() + START_SECONDS)


@contextmanager
def ground(standing: Infrastructure, folder: Path) -> Iterator[Bench]:
    """A fresh virtual host and database; every process started on it is ended with it."""
    name = f"benchmark-{uuid.uuid4().hex[:8]}"
    standing.broker.create_vhost(name)
    bench = Bench(BrokerAccess(standing, name), standing.db, name.replace("-", "_"), folder)
    bench.prepare()
    try:
        yield bench
    finally:
        bench.close()
        standing.broker.delete_vhost(name)


@contextmanager
def running(bench: Bench, module: str, *, queue: str | None = None, **environment: str) -> Iterator[Process]:
    """One process until the end of the block; ready when it says so, or where it cannot, when `queue` is there."""
    process = bench.start(module, **environment)
    try:
        if queue is None:
            process.wait_ready(START_SECONDS)
        else:
            until(lambda: bench.depth(queue) >= 0, seconds=START_SECONDS, what=f"a reader of {queue}")
        yield process
    finally:
        process.terminate()


@contextmanager
def relaying(bench: Bench) -> Iterator[Process]:
    """The real relay for the outbox of this database, in a process of its own."""
    if not (bench.folder / "ledger").exists():
        mark = begin_ledger(bench.broker.infrastructure, bench.folder).opening().mark
        with bench.connect() as connection:
            connection.execute("UPDATE ledger_position SET position = %s, hash = %s, recorded_at = now()", mark)
    secrets = str(bench.broker.infrastructure.secrets_root / "relay")
    with running(bench, RELAY, VILKAR_SECRETS_DIR=secrets, VILKAR_BROKER_USER="relay") as process:
        yield process


def declare_ours(bench: Bench) -> None:
    """Have our service run once, so that its queue is there."""
    with running(bench, OURS):
        pass


def commit_events(bench: Bench, count: int, *, per_subject: int = CHANGES_PER_SUBJECT) -> float:
    """Put events into the outbox in one transaction; the epoch second just before its commit."""
    with bench.connect() as connection, connection.transaction():
        (now,) = connection.execute("SELECT now() AS now").fetchone().values()
        with connection.cursor() as cursor, cursor.copy(f"COPY outbox ({COLUMNS}) FROM STDIN") as copy:
            for number in range(count):
                body = envelope(number, subject=f"probe/{number // per_subject}")
                names = (body["id"], wire.events_exchange(SOURCE), EVENT, body["subject"])
                copy.write_row((*names, json.dumps(body).encode(), now))
        return epoch(connection)


def commit_event(connection: psycopg.Connection[Any], number: int) -> None:
    """Put one event into the outbox in a transaction of its own, dated by the server at its beginning."""
    body = envelope(number, subject=f"probe/{number}")
    row = {
        "event_id": body["id"],
        "exchange": wire.events_exchange(SOURCE),
        "routing_key": EVENT,
        "subject": body["subject"],
        "body": json.dumps(body).encode(),
    }
    connection.execute(INSERT.replace("%(created_at)s", "clock_timestamp()"), row)


def epoch(connection: psycopg.Connection[Any]) -> float:
    """The database server's clock: every instant here is read off this one."""
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8 AS at").fetchone()
    return float(row["at"])


def wait_for_effects(bench: Bench, count: int, *, seconds: float) -> float:
    """Wait until `count` effects are committed; the epoch second of the last commit."""
    found = wait_for(bench, EFFECTS, count, seconds=seconds)
    assert found == count, f"{found} effects of {count} events"
    return bench.rows(LAST_EFFECT)[0]["at"].timestamp()


def wait_for(bench: Bench, query: str, least: int, *, seconds: float) -> int:
    """Ask until the number that `query` gives is at least `least`; return it."""
    deadline = time.monotonic() + seconds
    with bench.connect() as connection:
        while True:
            (found,) = connection.execute(query).fetchone().values()
            if found >= least:
                return int(found)
            assert time.monotonic() < deadline, f"{found} of {least} after {seconds} s"
            time.sleep(LOOK_SECONDS)


def processor_seconds(*processes: Process) -> float:
    """What these processes have used of a processor so far."""
    used = 0
    for process in processes:
        fields = Path(f"/proc/{process.popen.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")
