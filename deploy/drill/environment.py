"""Where the drill takes place: its own system, its doors, its backups, and how long its gates took to open."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from deploy.customers.clients import wait_for
from deploy.demo_approvals import TwoPersons, two_invented
from deploy.native import plan
from deploy.native.system import NativeSystem
from shared import config
from shared.clock import Clock
from shared.system import ALL_DATABASES, DATABASES

START_SECONDS = 300.0
WAIT_SECONDS = 600.0


class DrillError(Exception):
    """The drill did not get so far as to show anything."""


class Environment:
    """The drill's own system."""

    SETTINGS: ClassVar[dict[str, str]] = {
        "VILKAR_ENVIRONMENT": "test",
        "VILKAR_INVENTED_PEOPLE": "yes",
        "VILKAR_TRUSTED_PROXY": "127.0.0.1",  # every customer comes from an address of its own
        "VILKAR_MAILGUN_PER_SECOND": "500",
    }

    def __init__(self, native: NativeSystem, home: Path) -> None:
        """Nothing is started."""
        self.native = native
        self.home = home

    def start(self) -> None:
        """Bring it up, all but the process that takes backups by itself: the drill's is to be the only one."""
        everything = tuple(program.name for program in plan.PROGRAMS if program.name != "backup")
        self.native.up(selected=everything, scale={}, timeout_s=START_SECONDS)

    @contextlib.contextmanager
    def staff(self) -> Iterator[TwoPersons]:
        """Two invented people of the staff, at the desk."""
        with two_invented(self.settings) as people:
            yield people

    @property
    def gateway(self) -> str:
        """Where customers come in."""
        return f"http://127.0.0.1:{self.native.ports['public']}"

    @property
    def sandbox(self) -> str:
        """Where the stand-in for the vendors is."""
        return f"http://127.0.0.1:{self.native.ports['sandbox']}"

    def rows(self, database: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Look into a database as its superuser."""
        infrastructure = self.native.infrastructure
        server = infrastructure.keyring if database == "keyring" else infrastructure.db
        with psycopg.connect(server.dsn(database)) as connection:
            return connection.execute(query, parameters).fetchall()

    @property
    def settings(self) -> config.Settings:
        """The desk's settings."""
        return config.load(self.native.desk_environment())

    @property
    def clock(self) -> Clock:
        """The clock of the system."""
        return Clock(self.settings.state_dir, environment="test")

    def ledger_lines(self) -> list[str]:
        """The ledger as it stands."""
        return self.settings.ledger_file.read_text().splitlines()

    def caught_up(self) -> bool:
        """Whether every database has taken up all of the ledger."""
        head = json.loads(self.ledger_lines()[-1]).get("position", 0)
        return all(self.rows(name, "SELECT position FROM ledger_position") == [(head,)] for name in ALL_DATABASES)

    def take_backup(self) -> None:
        """Back up both sets; a backup lags behind the ledger by no more than seconds."""
        wait_for("every database at the head of the ledger", self.caught_up, seconds=WAIT_SECONDS)
        if self.native.backup("take") != 0:
            raise DrillError("no backup could be taken")

    def restore(self, which: str) -> dict[str, float]:
        """Put the backup of a set back and start; by database, how long its gate was shut in seconds."""
        begun = Clock().now()  # the logs tell real time
        if self.native.restore("--from", "latest", "--set", which, timeout_s=START_SECONDS) != 0:
            raise DrillError(f"the backup of the {which} could not be put back")
        return self._gate_seconds(begun)

    def _gate_seconds(self, begun: datetime) -> dict[str, float]:
        """From the first line of each process since `begun` to that of its open gate."""
        seconds_by_service: dict[str, float] = {}
        for service in DATABASES:
            lines = [json.loads(line) for line in self._log(service) if line.startswith("{")]
            later = [line for line in lines if "time" in line and datetime.fromisoformat(line["time"]) >= begun]
            opened = [line for line in later if line.get("event") == "gate_open"]
            started = [line for line in later if line.get("event") == "waiting_for_database"]
            if not opened or not started:
                raise DrillError(f"{service} has not opened its gate")
            first, last = (datetime.fromisoformat(line["time"]) for line in (started[0], opened[-1]))
            seconds_by_service[service] = (last - first).total_seconds()
        return seconds_by_service

    def _log(self, service: str) -> list[str]:
        return (self.home / "logs" / f"{service}.log").read_text().splitlines()
