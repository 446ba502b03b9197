"""The relay as a process: one thread an outbox, a small health server, and an orderly end at SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import FrameType
from typing import Any, ClassVar, Final

from prometheus_client import CONTENT_TYPE_LATEST

from shared import log
from shared.bus.admission import ledger_keys
from shared.bus.batch_publisher import Address
from shared.bus.discovery import service_name
from shared.bus.relay import Outbox, OutboxRelay, unheard_types
from shared.bus.relay_gate import OutboxGate
from shared.bus.relay_metrics import RelayMetrics
from shared.clock import Clock
from shared.config import Settings
from shared.database.migrate import DATABASES
from shared.failpoints import Failpoints
from shared.privacy.ledger import Ledger

STOP_SECONDS: Final = 25.0
STALLED_SECONDS: Final = 60.0
"""Longer than a batch can take: its confirms have 10 s, each statement 15 s."""
REQUEST_SECONDS: Final = 5
SERVING_STATES: Final = frozenset({"active", "standby"})

_log = log.get("relay")


class RelayProcess:
    """All relays of this process. `run` returns after SIGTERM or SIGINT; a second signal ends it at once."""

    def __init__(self, settings: Settings, *, databases: Sequence[str] = DATABASES) -> None:
        """`databases` are the databases whose outboxes to empty. Raises `SettingError` for a wrong setting."""
        if "eventlet" in sys.modules:
            raise RuntimeError("the relay waits in native threads; something has imported eventlet")
        self.stop = threading.Event()
        self.metrics = RelayMetrics()
        broker = Address(
            host=settings.broker_host,
            port=settings.broker_port,
            vhost=settings.broker_vhost,
            user=settings.broker_user,
            password=settings.secrets.read("broker_password"),
        )
        clock = Clock(settings.state_dir, environment=settings.environment)
        failpoints = Failpoints(settings.environment, settings.raw)
        keys = ledger_keys(settings)
        self.relays = [
            OutboxRelay(
                outbox,
                broker=broker,
                clock=clock,
                metrics=self.metrics,
                failpoints=failpoints,
                stop=self.stop,
                gate=OutboxGate(Ledger(settings.ledger_file, keys=keys), service=outbox.service, dsn=outbox.dsn),
            )
            for outbox in _outboxes(settings, databases)
        ]
        self._server = _HealthServer((settings.health_host, settings.health_port), self)

    def run(self) -> int:
        """Serve until a signal comes; 0 where all relays ended in time, 1 where one had to be left behind."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threads = [
            threading.Thread(target=relay.run, name=relay.outbox.service, daemon=True) for relay in self.relays
        ]
        server = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        for thread in (*threads, server):
            thread.start()
        _log.info("started", outboxes=[relay.outbox.service for relay in self.relays])
        self.stop.wait()
        deadline = monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(deadline - monotonic(), 0.0))
        self._server.shutdown()
        left = [thread.name for thread in threads if thread.is_alive()]
        _log.info("stopped", left=left)
        return 1 if left else 0

    def alive(self) -> bool:
        """Whether every relay has moved lately. An outage of database or broker is no reason to restart."""
        return all(monotonic() - relay.alive_at < STALLED_SECONDS for relay in self.relays)

    def ready(self) -> bool:
        """Whether every outbox is being emptied, here or in the process this one stands by for."""
        return not self.stop.is_set() and all(relay.state in SERVING_STATES for relay in self.relays)

    def states(self) -> dict[str, str]:
        """The state of each relay by outbox."""
        return {relay.outbox.service: relay.state for relay in self.relays}

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            os._exit(1)
        self.stop.set()


def _outboxes(settings: Settings, databases: Sequence[str]) -> list[Outbox]:
    unheard = unheard_types()
    return [
        Outbox(
            service=service_name(database),
            dsn=settings.dsn(database, role="relay"),
            unheard=unheard.get(service_name(database), frozenset()),
        )
        for database in databases
    ]


class _HealthServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], process: RelayProcess) -> None:
        self.process = process
        super().__init__(address, _HealthHandler)


class _HealthHandler(BaseHTTPRequestHandler):
    timeout = REQUEST_SECONDS
    server: _HealthServer
    server_version: ClassVar[str] = "vilkar"  # type: ignore[misc]  # says no more of itself than its name
    sys_version: ClassVar[str] = ""  # type: ignore[misc]

    def do_GET(self) -> None:
        """Answer /livez, /readyz and /metrics."""
        process = self.server.process
        if self.path == "/livez":
            self._tell(ok=process.alive(), body={"alive": process.alive()})
        elif self.path == "/readyz":
            self._tell(ok=process.ready(), body={"ready": process.ready(), "outboxes": process.states()})
        elif self.path == "/metrics":
            self._answer(200, process.metrics.text(), CONTENT_TYPE_LATEST)
        else:
            self._answer(404, b"{}", "application/json")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name
        """Requests of the health check are not worth a line."""

    def _tell(self, *, ok: bool, body: dict[str, Any]) -> None:
        self._answer(200 if ok else 503, json.dumps(body).encode(), "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
