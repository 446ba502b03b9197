"""The relay as a process: one thread an outbox, a small health server, and an orderly end at SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from time import monotonic
from types import FrameType
from typing import Any, Final

from shared import log
from shared.bus.relay import Outbox, OutboxRelay, unheard_types
from shared.bus.relay_metrics import RelayMetrics
from shared.bus.relay_restore_gate import OutboxGate
from shared.bus.service_restore_gate import ledger_keys
from shared.clock import Clock
from shared.config import Settings
from shared.failpoints import Failpoints
from shared.health_server import HealthServer
from shared.privacy.ledger import Ledger
from shared.system import DATABASES, wire_name

STOP_SECONDS: Final = 25.0
STALLED_SECONDS: Final = 60.0
"""Longer than a batch can take: its confirms have 10 s, each statement 15 s."""
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
        clock = Clock(settings.state_dir, environment=settings.environment)
        failpoints = Failpoints(settings.environment, settings.raw)
        keys = ledger_keys(settings)
        self.relays = [
            OutboxRelay(
                outbox,
                broker_url=settings.broker_url(),
                clock=clock,
                metrics=self.metrics,
                failpoints=failpoints,
                stop=self.stop,
                gate=OutboxGate(Ledger(settings.ledger_file, keys=keys), service=outbox.service, dsn=outbox.dsn),
            )
            for outbox in _outboxes(settings, databases)
        ]
        self._server = HealthServer(
            settings.health_host,
            settings.health_port,
            livez=self.livez,
            readyz=self.readyz,
            metrics=self.metrics.text,
        )

    def run(self) -> int:
        """Serve until a signal comes; 0 where all relays ended in time, 1 where one had to be left behind."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threads = [
            threading.Thread(target=relay.run, name=relay.outbox.service, daemon=True) for relay in self.relays
        ]
        for thread in threads:
            thread.start()
        self._server.start()
        _log.info("started", outboxes=[relay.outbox.service for relay in self.relays])
        self.stop.wait()
        deadline = monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(deadline - monotonic(), 0.0))
        self._server.close()
        left = [thread.name for thread in threads if thread.is_alive()]
        _log.info("stopped", left=left)
        return 1 if left else 0

    def livez(self) -> tuple[bool, dict[str, Any]]:
        """Whether every relay has moved lately. An outage of database or broker is no reason to restart."""
        alive = all(monotonic() - relay.alive_at < STALLED_SECONDS for relay in self.relays)
        return alive, {"alive": alive}

    def readyz(self) -> tuple[bool, dict[str, Any]]:
        """Whether every outbox is being emptied, here or in the process this one stands by for."""
        states = {relay.outbox.service: relay.state for relay in self.relays}
        ready = not self.stop.is_set() and SERVING_STATES.issuperset(states.values())
        return ready, {"ready": ready, "outboxes": states}

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            os._exit(1)
        self.stop.set()


def _outboxes(settings: Settings, databases: Sequence[str]) -> list[Outbox]:
    unheard = unheard_types()
    return [
        Outbox(
            service=wire_name(database),
            dsn=settings.dsn(database, role="relay"),
            unheard=unheard.get(wire_name(database), frozenset()),
        )
        for database in databases
    ]
