"""Starts the probe and talks to it, to its queues and to its tables from outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
from kombu import Connection, Exchange, Producer
from psycopg.rows import dict_row

from shared.bus import wire
from tests.integration.bus.constants import SOURCE
from tests.integration.running import REPOSITORY, free_port, surroundings
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

QUEUE = wire.event_queue(SOURCE, "probe.happened", "account")
EFFECTS = """
CREATE TABLE IF NOT EXISTS probe_effect (
    message_id uuid NOT NULL, number integer NOT NULL, attempt integer NOT NULL, correlation_id uuid, pid integer,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, DELETE ON probe_effect TO account;
"""


@dataclass
class Process:
    """A running probe."""

    popen: subprocess.Popen[bytes]
    port: int
    log: Path

    def health(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ready(self) -> bool:
        assert self.popen.poll() is None, f"the probe ended:\n{self.log.read_text()}"
        return self.health("/readyz")[0] == 200

    def wait_ready(self, seconds: float = 30.0) -> Process:
        until(self.ready, seconds=seconds, what="readiness")
        return self

    def terminate(self, seconds: float = 30.0) -> int:
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)

    def kill(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait(10)


@dataclass
class Bench:
    """One virtual host and one database, with a probe or several."""

    broker: Any
    server: Any
    database: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    def prepare(self) -> None:
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.database}" OWNER account_owner'.encode())
        folder = REPOSITORY / "shared/database/migrations"
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
        with self.connect() as connection:
            connection.execute("SET ROLE account_owner")
            for text in [*texts, EFFECTS]:
                connection.execute(text.encode())

    def start(self, module: str = "tests.integration.bus.probe", **environment: str) -> Process:
        port = free_port()
        log = self.folder / f"probe-{len(self.processes)}.log"
        settings = {
            **surroundings(self.broker, folder=self.folder, user="account", port=port),
            "VILKAR_DB_PORT": str(self.server.port),
            "VILKAR_RETRY_SECONDS": "1,1,2",
            "PROBE_DATABASE": self.database,
            **self.environment,
            **environment,
        }
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", module], cwd=REPOSITORY, env=settings, stdout=out, stderr=out
            )
        process = Process(popen, port, log)
        self.processes.append(process)
        return process

    def connect(self) -> psycopg.Connection[dict[str, Any]]:
        """As the superuser, who may also lock and cut off."""
        return psycopg.connect(self.server.dsn(self.database), autocommit=True, row_factory=dict_row)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{self.database}" WITH (FORCE)'.encode())

    def password(self, name: str) -> str:
        """A secret of the account service."""
        return (self.broker.infrastructure.secrets_root / "account" / name).read_text().strip()

    @contextmanager
    def producer(self) -> Iterator[Producer]:
        with Connection(self.broker.uri("relay"), transport_options={"confirm_publish": True}) as connection:
            yield Producer(connection)

    def send(self, *moods: str, first: int = 0, **changes: Any) -> list[uuid.UUID]:
        """Publish one event for each mood, numbered from `first`; returns their ids."""
        bodies = [envelope(first + index, mood, **changes) for index, mood in enumerate(moods)]
        with self.producer() as producer:
            for body in bodies:
                self.send_raw(json.dumps(body).encode(), producer=producer)
        return [uuid.UUID(body["id"]) for body in bodies]

    def send_raw(
        self,
        body: bytes,
        *,
        producer: Producer,
        content_type: str = "application/json",
        routing_key: str = "probe.happened",
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        producer.publish(
            body,
            exchange=Exchange(wire.events_exchange(SOURCE), type="topic", durable=True),
            routing_key=routing_key,
            content_type=content_type,
            content_encoding="utf-8" if "json" in content_type else "binary",
            headers=dict(headers or {}),
            delivery_mode=2,
            mandatory=True,
        )

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with self.connect() as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def numbers(self) -> list[int]:
        return [row["number"] for row in self.rows("SELECT number FROM probe_effect ORDER BY at")]

    def parked(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM parked ORDER BY parked_at")

    def clear(self) -> None:
        with self.connect() as connection:
            connection.execute("TRUNCATE probe_effect, parked, inbox, outbox, command_reply, spent_statement")

    def depth(self, queue: str = QUEUE) -> int:
        """Messages ready in a queue, those handed out not counted; -1 where there is none."""
        with Connection(self.broker.uri("account")) as connection:
            try:
                return int(connection.default_channel.queue_declare(queue, passive=True).message_count)
            except connection.channel_errors:
                return -1

    def consumers(self, queue: str) -> int:
        """How many consume from a queue; 0 where there is none. Whoever consumes has bound its queue before."""
        with Connection(self.broker.uri("account")) as connection:
            try:
                return int(connection.default_channel.queue_declare(queue, passive=True).consumer_count)
            except connection.channel_errors:
                return 0

    def manage(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the management API; `{vhost}` in the path is ours."""
        return self.broker.infrastructure.broker.call(method, path.format(vhost=self.broker.vhost), body)

    def cut_connections(self, *names: str) -> int:
        """Cut the connections with these names at the broker; returns how many there were."""
        found = [
            connection["name"]
            for connection in self.manage("GET", "/api/vhosts/{vhost}/connections").json()
            if connection.get("client_properties", {}).get("connection_name") in names
        ]
        for name in found:
            self.manage("DELETE", f"/api/connections/{quote(name, safe='')}")
        return len(found)

    def queue_state(self, queue: str) -> dict[str, Any]:
        """What the management API knows of a queue."""
        return dict(self.manage("GET", f"/api/queues/{{vhost}}/{quote(queue, safe='')}").json())


def envelope(number: int, mood: str = "ok", **changes: Any) -> dict[str, Any]:
    """A valid event body for the probe."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": SOURCE,
        "type": "probe.happened",
        "time": "2026-11-22T10:00:00+00:00",
        "subject": f"probe/{number}",
        "datacontenttype": "application/json",
        "dataversion": 1,
        "correlationid": str(uuid.uuid4()),
        "data": {"number": number, "mood": mood},
        **changes,
    }
