"""The main of a service process: from settings to serving, and an orderly end.

from shared.bus import monkey_patch
monkey_patch.apply()
…
def build(settings: Settings, parts: Parts) -> Service: …
if __name__ == "__main__":
service_process.run(build)
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import eventlet
import eventlet.debug

from shared import config, log, started
from shared.bus import monkey_patch, wire
from shared.bus.connection import BrokerRefusedError
from shared.bus.declarations import Parts, Service
from shared.bus.health import READER_LIMIT_SECONDS, Health, ServiceHealthServer
from shared.bus.nameko_container import CALLS_AT_ONCE, Host
from shared.bus.rpc_client import BusCaller
from shared.bus.service_restore_gate import FOLLOW_SECONDS, TRY_SECONDS, Admission, admission_to
from shared.bus.statement_check import Statements
from shared.clock import Clock
from shared.config import SettingError, Settings
from shared.database import Database
from shared.errors import Unavailable
from shared.privacy.restore_gate import CameUndone
from shared.statements import StatementReader
from shared.vendor_state import STATES

Build = Callable[[Settings, Parts], Service]

STOP_SECONDS: Final = 25.0
POLL_SECONDS: Final = 0.5
DATABASE_CONNECTIONS: Final = CALLS_AT_ONCE + 6

_log = log.get("bus.service_process")


def run(
    build: Build,
    *,
    name: str | None = None,
    database: str | None = None,
    tiers: Sequence[wire.Tier] | None = None,
) -> NoReturn:
    """Run the service that `build` makes until SIGTERM or SIGINT, then leave with the process's exit code.

    `name` is the wire name; by default that of the folder whose `__main__` this is. `database` is the name of the
    database where it differs from the role's. Exit code 0 after an orderly stop, 1 where the service could not
    start, died, or did not come to an end within 25 s. A second signal ends the process at once.
    """
    if not monkey_patch.is_patched():
        raise monkey_patch.PatchedTooLateError("monkey_patch.apply() must be the first thing in __main__")
    started.loaded()
    raise SystemExit(_Process(build, name or _own_name(), database, tiers).run())


def _own_name() -> str:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    parts = (spec.name if spec is not None else "").split(".")
    if len(parts) < 2 or parts[0] != "services":  # noqa: PLR2004  # services.<folder>.__main__
        raise SettingError("the name of the service must be given where it is not started as services.<name>")
    return str(parts[1]).replace("_", "-")


class _Process:
    """One service process from start to end."""

    def __init__(self, build: Build, name: str, database: str | None, tiers: Sequence[wire.Tier] | None) -> None:
        self._build = build
        self._name = name
        self._role = name.replace("-", "_")
        self._database_name = database or self._role
        self._tiers = tiers
        self._asked_to_stop = False
        self._host: Host | None = None
        self._service: Service | None = None
        self._caller: BusCaller | None = None
        self._admission = Admission()
        self._statement_warnings: Callable[[], list[str]] = list
        self._health = Health(lives=self._lives, serves=self._serves, warns=self._warnings)

    def run(self) -> int:
        """The exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            settings = config.load()
            log.configure(service=self._name, level=settings.log_level)
            _withhold_tracebacks()
            server = ServiceHealthServer(self._health, host=settings.health_host, port=settings.health_port)
            server.start()
            try:
                return self._serve(settings)
            finally:
                server.close()
        except CameUndone as error:
            # A database was restored under the running process. The next one finds the gate closed and replays.
            _log.critical("database_set_back", exc_info=error)
            return 1
        except (SettingError, Unavailable, BrokerRefusedError, OSError) as error:
            _log.error("could_not_start", exc_info=error)
            sys.stderr.write(f"{self._name} could not start: {error}\n")
            return 1
        except Exception as error:  # noqa: BLE001  # a traceback of the interpreter would show values
            _log.critical("process_failed", exc_info=error)
            return 1

    def _serve(self, settings: Settings) -> int:
        patience = _start_seconds(settings)
        database = Database(
            settings.dsn(self._database_name, role=self._role), source=self._name, size=DATABASE_CONNECTIONS
        )
        _log.info("waiting_for_database")
        database.open(wait_seconds=patience)
        try:
            self._caller = caller = BusCaller(settings.broker_url(), name=self._name)
            clock = Clock(settings.state_dir, environment=settings.environment)
            parts = Parts(database=database, clock=clock, caller=caller)
            self._service = service = self._build(settings, parts)
            self._admission = admission_to(service, settings, clock)
            _log.info("waiting_for_broker")
            caller.open(wait_seconds=patience)
            try:
                code = self._wait_outside(settings, service)
                return self._host_service(settings, service) if code is None else code
            finally:
                caller.close()
        finally:
            for guarded, _ in self._service.guarded() if self._service else ():
                guarded.close()
            database.close()

    def _wait_outside(self, settings: Settings, service: Service) -> int | None:
        """Wait until the databases have caught up with the ledger; the exit code where the process ends before.

        Callers are not kept waiting meanwhile: they are told what the service is doing. There is no limit, since a
        gate that does not open needs a person, who finds the reason in the log and in `/readyz`.
        """
        if self._admission.open():
            return None
        _log.warning("restoring")
        admitted = False
        host = self._new_host(settings, service, barred=self._admission.bar)
        with self._started(host, settings):
            while not (admitted or self._asked_to_stop or host.died):
                self._pause(TRY_SECONDS)
                admitted = self._admission.open()
            code = self._end(host)
        self._health.draining = False
        return None if admitted and not code else code

    def _host_service(self, settings: Settings, service: Service) -> int:
        host = self._new_host(settings, service)
        with self._started(host, settings):
            _log.info("serving")
            try:
                self._serve_on(host)
            except CameUndone:
                host.kill()
                raise
            return self._end(host)

    def _serve_on(self, host: Host) -> None:
        """Until the process is asked to stop; meanwhile keep up with the ledger."""
        follow_at = time.monotonic() + FOLLOW_SECONDS
        while not self._asked_to_stop and not host.died:
            time.sleep(POLL_SECONDS)
            host.hosting.pace.look_at_clock()
            if time.monotonic() >= follow_at:
                self._admission.follow()
                follow_at = time.monotonic() + FOLLOW_SECONDS

    def _new_host(self, settings: Settings, service: Service, barred: Callable[[], NoReturn] | None = None) -> Host:
        statements = _statements_of(settings, self._name)
        self._statement_warnings = statements.warnings
        self._host = host = Host(
            service,
            statements=statements,
            broker_url=settings.broker_url(),
            tiers=self._tiers or _tiers_of(settings),
            outside=_outside(settings),
            start_seconds=_start_seconds(settings),
            barred=barred,
        )
        return host

    @contextmanager
    def _started(self, host: Host, settings: Settings) -> Iterator[None]:
        publisher = host.hosting.publisher
        publisher.open(wait_seconds=_start_seconds(settings))
        try:
            host.start()
            self._health.look()
            self._health.starting = False
            yield
        finally:
            publisher.close()

    def _pause(self, seconds: float) -> None:
        """Wait, but not after having been asked to stop."""
        until = time.monotonic() + seconds
        while not self._asked_to_stop and time.monotonic() < until:
            time.sleep(POLL_SECONDS)

    def _end(self, host: Host) -> int:
        self._health.draining = True
        if host.died:
            error = host.cause_of_death()
            _log.critical("service_died", exc_info=error)
            return 1
        _log.info("stopping")
        try:
            with eventlet.Timeout(STOP_SECONDS):
                host.stop()
        except eventlet.Timeout:
            _log.error("stop_took_too_long")
            host.kill()
            return 1
        _log.info("stopped")
        return 0

    def _on_signal(self, number: int, _frame: Any) -> None:
        """Only note it: a handler runs in the middle of anything and may not wait."""
        self._asked_to_stop = True
        signal.signal(number, signal.SIG_DFL)

    def _lives(self) -> list[str]:
        host = self._host
        stuck = host is not None and host.inbound.connection.idle_seconds() > READER_LIMIT_SECONDS
        return ["broker_reader_stuck"] if stuck else []

    def _warnings(self) -> list[str]:
        return STATES.warnings() + self._statement_warnings()

    def _serves(self) -> list[str]:
        host, service = self._host, self._service
        closed = self._admission.why_not()
        if closed or host is None or service is None:
            return closed or ["starting"]
        service.database.ping()
        service.ready()
        blocked = ["broker_takes_nothing"] if self._caller is not None and self._caller.connection.blocked else []
        return sorted({*host.why_not_ready(), *blocked})


def _statements_of(settings: Settings, service: str) -> Statements:
    """What looks at the signed statements of staff."""
    return Statements(service, StatementReader.parse(settings.secrets.read("statement_public_key")))


def _withhold_tracebacks() -> None:
    """Send what would be printed as a traceback, values of a request among it, through our log instead."""
    threading.excepthook = lambda failure: _log.error("thread_failed", exc_info=failure.exc_value)
    eventlet.debug.hub_exceptions(False)  # nameko's container logs what ends one of its threads


def _start_seconds(settings: Settings) -> float:
    """How long to wait for the database, and then for the broker: `VILKAR_START_SECONDS`, by default a minute."""
    text = settings.raw.get("VILKAR_START_SECONDS", "60")
    if not text.isdigit():
        raise SettingError("VILKAR_START_SECONDS must be a whole number")
    return float(text)


def _tiers_of(settings: Settings) -> tuple[wire.Tier, ...]:
    """The usual waiting times, or shorter ones in a demo or a test: `VILKAR_RETRY_SECONDS=1,2,5`."""
    text = settings.raw.get("VILKAR_RETRY_SECONDS", "")
    if not text:
        return wire.TIERS
    if settings.environment == "production":
        raise SettingError("VILKAR_RETRY_SECONDS is for demo and test environments")
    try:
        return tuple(wire.Tier(seconds=int(part)) for part in text.split(","))
    except ValueError:
        raise SettingError("VILKAR_RETRY_SECONDS must be whole numbers with commas between them") from None


def _outside(settings: Settings) -> tuple[str, ...]:
    """Services of others that take part in an erasure: `VILKAR_OUTSIDE_SERVICES=nogd,…`."""
    names = tuple(
        part.strip() for part in settings.raw.get("VILKAR_OUTSIDE_SERVICES", "").split(",") if part.strip()
    )
    if any(not wire.SERVICE.fullmatch(name) for name in names):
        raise SettingError("VILKAR_OUTSIDE_SERVICES must be names of services with commas between them")
    return names
