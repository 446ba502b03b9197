"""What the tests of relay and wire share: invented events, an outbox to write, a relay to run, queues to read."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import amqp
import psycopg

from shared.bus import Service, handles, wire
from shared.bus.ensure_topology import ensure
from shared.bus.relay import Outbox, OutboxRelay
from shared.bus.relay_metrics import RelayMetrics
from shared.bus.topology import topology_of
from shared.clock import Clock
from shared.database.outbox import Outbox as OutboxTable
from shared.events import Event
from shared.failpoints import Failpoints
from shared.privacy.ledger_lines import Mark
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parents[3]
RUNNER = Path(__file__).with_name("run_relay.py")


@dataclass(frozen=True, kw_only=True)
class Ticked(Event):
    type = "account.ticked"
    source = "account"
    account_id: UUID
    number: int

    @property
    def subject(self):
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class Tocked(Ticked):
    """Heard, but in a queue that tests leave out."""

    type = "account.tocked"


@dataclass(frozen=True, kw_only=True)
class Whispered(Ticked):
    """Nobody hears it."""

    type = "account.whispered"


class Listener(Service):
    name = "retention"

    @handles(Ticked)
    def hear(self, message, tx):
        """Only its declaration is used."""

    @handles(Tocked)
    def hear_too(self, message, tx):
        """Only its declaration is used."""


TOPOLOGY = topology_of([Listener], [Ticked, Tocked, Whispered])
QUEUE = wire.event_queue("account", "account.ticked", "retention")
UNHEARD = frozenset({"account.whispered"})
ADD_REPLAY = """
INSERT INTO outbox (event_id, exchange, routing_key, subject, body, headers, created_at)
VALUES (%s, '', %s, %s, %s, %s, %s)
"""
"""What replaying a parked message writes."""


def url_of(broker, *, user="relay", port=None):
    return broker.uri(user).replace(f":{broker.port}/", f":{port or broker.port}/")


@contextmanager
def channel_to(broker, *, user="account"):
    connection = amqp.Connection(
        f"{broker.host}:{broker.port}",
        userid=user,
        password=broker.password(user),
        virtual_host=broker.vhost,
        connect_timeout=5,
    )
    connection.connect()
    try:
        yield connection.channel()
    finally:
        connection.collect()


def set_up(broker, topology=TOPOLOGY):
    with channel_to(broker) as channel:
        ensure(channel.connection, topology)


def drop_queue(broker, queue):
    with channel_to(broker) as channel:
        channel.queue_delete(queue)


def take(broker, queue, *, count, seconds=20.0):
    """Exactly `count` messages from `queue`, acknowledged, and the proof that there are no more."""
    taken = []
    with channel_to(broker) as channel:

        def enough():
            message = channel.basic_get(queue, no_ack=True)
            if message is not None:
                taken.append(message)
            return len(taken) >= count

        if count:
            until(enough, seconds=seconds, what=f"{count} messages in {queue}, got {len(taken)}")
        assert channel.basic_get(queue, no_ack=True) is None
    return taken


def take_all(broker, queue):
    taken = []
    with channel_to(broker) as channel:
        while (message := channel.basic_get(queue, no_ack=True)) is not None:
            taken.append(message)
    return taken


class Table:
    """The account service's outbox, written as the account service writes it."""

    def __init__(self, databases, state_dir):
        self.databases = databases
        self.clock = Clock(state_dir, environment="test")

    def add(self, *events):
        """Commit `events` in one transaction; returns their ids."""
        with psycopg.connect(self.databases.dsn("account")) as connection:
            return [OutboxTable(connection, "account").add(event, now=self.clock.now()) for event in events]

    def rows(self, columns="id, event_id, published_at, attempts, retry_at, last_error", where="true"):
        with psycopg.connect(self.databases.relay_dsn("account"), autocommit=True) as connection:
            return connection.execute(f"SELECT {columns} FROM outbox WHERE {where} ORDER BY id").fetchall()  # noqa: S608

    def waiting(self):
        return [row[0] for row in self.rows("event_id", "published_at IS NULL")]

    def change(self, query, *parameters):
        with psycopg.connect(self.databases.superuser_dsn("account"), autocommit=True) as connection:
            return connection.execute(query, parameters).rowcount

    def clear(self):
        self.change("DELETE FROM outbox")

    def reached(self, mark: Mark | None):
        """Have the database be at this place of the ledger, as its service's gate would record it."""
        position, digest = mark or (None, None)
        query = "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s"
        self.change(query, position, digest, self.clock.now() if mark else None)


def ticks(count, *, account_id=None, first=1):
    about = account_id or uuid4()
    return [Ticked(account_id=about, number=number) for number in range(first, first + count)]


@contextmanager
def relaying(table, broker, *, failpoints="", port=None, user="relay", service="account", gate=None):
    """A relay of one service's outbox in a thread of this process."""
    stop = threading.Event()
    relay = OutboxRelay(
        Outbox(service=service, dsn=table.databases.relay_dsn(service), unheard=UNHEARD),
        broker_url=url_of(broker, port=port, user=user),
        clock=table.clock,
        metrics=RelayMetrics(),
        failpoints=Failpoints("test", {"VILKAR_FAILPOINT": failpoints}),
        stop=stop,
        gate=gate,
    )
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield relay
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def figure(relay, name, **labels):
    return relay._metrics.registry.get_sample_value(name, {"outbox": "account", **labels}) or 0.0


def relay_environment(table, broker, *, failpoints="", health_port=0):
    """The environment of `run_relay.py`, a relay process whose databases have names of their own."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "VILKAR_ENVIRONMENT": "test",
        "VILKAR_SECRETS_DIR": str(broker.infrastructure.secrets_root / "relay"),
        "VILKAR_STATE_DIR": str(table.clock._file.parent),
        "VILKAR_DB_HOST": "127.0.0.1",
        "VILKAR_DB_PORT": str(table.databases.server.port),
        "VILKAR_BROKER_HOST": broker.host,
        "VILKAR_BROKER_PORT": str(broker.port),
        "VILKAR_BROKER_VHOST": broker.vhost,
        "VILKAR_BROKER_USER": "relay",
        "VILKAR_HEALTH_PORT": str(health_port),
        "TEST_DATABASE_ACCOUNT": table.databases.name("account"),
        **({"VILKAR_FAILPOINT": failpoints} if failpoints else {}),
    }


@contextmanager
def relay_process(table, broker, **how):
    """A relay of the account outbox in a process of its own, killed at the end if it still runs."""
    if not (table.clock._file.parent / "ledger").exists():
        table.reached(begin_ledger(broker.infrastructure, table.clock._file.parent).opening().mark)
    with (table.clock._file.parent / "relay.log").open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, str(RUNNER)],
            env=relay_environment(table, broker, **how),
            cwd=REPOSITORY,
            stdout=told,
            stderr=told,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)
