"""Two PostgreSQL servers and one RabbitMQ node of our own, below one folder.

    with Infrastructure(root) as infrastructure: ...

Everything they write, their ports, their pid files and their secrets lie below `root`. A database or broker that
the machine runs already is neither used nor disturbed: ours listen on ports of their own on the loopback address,
are recognised by their data folder and node name, and are ended by process identity, not by number or name.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from deploy.native import ports, processes, programs
from deploy.native.broker import Broker
from deploy.native.ports import LOOPBACK
from deploy.native.postgresql import PostgresServer, ServerError
from deploy.provision import postgres, search_user, secrets
from shared.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

SERVERS = ("db", "keyring", "rabbitmq")
_PORT_NAMES = ["db", "keyring", "amqp", "management", "mapper", "distribution"]
_START_LIMIT_SECONDS = 240.0
"""A broker takes ten seconds of a processor at most, and three minutes where sixteen others want the same."""


@dataclass(frozen=True)
class Settings:
    """What is fixed when a root is first used: the ports, the node's name, and whether it serves tests only."""

    ports: dict[str, int]
    node: str
    for_tests: bool
    owner: processes.ProcessIdentity | None = None


class Infrastructure:
    """The servers the system stands on. Start and stop may be called again at any time."""

    def __init__(
        self,
        root: Path,
        *,
        for_tests: bool = False,
        services: bool = False,
        outside: tuple[str, ...] = (),
        secret_owners: Mapping[str, secrets.Owner] | None = None,
        preferred_ports: dict[str, int] | None = None,
        owner: processes.ProcessIdentity | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Describe the infrastructure below `root`; nothing is started.

        `for_tests` turns the databases' fsync off and kills the broker at the end instead of shutting it down.
        `services` lets the broker start with the exchanges and queues that the services declare, and with those of
        the services of others named in `outside`.
        `secret_owners` are the users that the folders of secrets belong to; without one a folder is the caller's.
        `owner` is the process whose end makes the whole root worthless (a test run).
        `say` hears what is being done.
        """
        self.root = root.resolve()
        self._say = say
        self._services = services
        self._outside = outside
        self._secret_owners = secret_owners
        self._first_settings = {"for_tests": for_tests, "preferred": preferred_ports or {}, "owner": owner}

    @property
    def secrets_root(self) -> Path:
        return self.root / "secrets"

    @property
    def settings_file(self) -> Path:
        return self.root / "infrastructure.json"

    @property
    def settings(self) -> Settings:
        record = json.loads(self.settings_file.read_text())
        owner = processes.ProcessIdentity(**record["owner"]) if record["owner"] else None
        return Settings(record["ports"], record["node"], record["for_tests"], owner)

    @property
    def db(self) -> PostgresServer:
        return self._postgres("db", "postgres")

    @property
    def keyring(self) -> PostgresServer:
        return self._postgres("keyring", "keyring")

    def _postgres(self, name: str, secrets_folder: str) -> PostgresServer:
        settings = self.settings
        password = secrets.read(self.secrets_root, secrets_folder, "superuser_password")
        return PostgresServer(
            name, self.root / "postgres" / name, settings.ports[name], password, settings.for_tests
        )

    @property
    def broker(self) -> Broker:
        settings = self.settings
        return Broker(
            folder=self.root / "rabbitmq",
            secrets_root=self.secrets_root,
            node=settings.node,
            amqp_port=settings.ports["amqp"],
            management_port=settings.ports["management"],
            mapper_port=settings.ports["mapper"],
            distribution_port=settings.ports["distribution"],
            admin_password=secrets.read(self.secrets_root, "rabbitmq", "admin_password"),
            for_tests=settings.for_tests,
            services=self._services,
            outside=self._outside,
        )

    def server(self, name: str) -> PostgresServer | Broker:
        """Return one server: db, keyring or rabbitmq."""
        servers: dict[str, PostgresServer | Broker] = {
            "db": self.db,
            "keyring": self.keyring,
            "rabbitmq": self.broker,
        }
        return servers[name]

    def exists(self) -> bool:
        """Say whether this root has been used before."""
        return self.settings_file.exists()

    def running(self) -> dict[str, bool]:
        """Say of each server whether our process for it runs."""
        if not self.exists():
            return dict.fromkeys(SERVERS, False)
        return {name: self.server(name).running() is not None for name in SERVERS}

    def start(self, *, timeout_s: float = _START_LIMIT_SECONDS) -> None:
        """Start what does not run, wait until all answer, and bring roles and databases up to date."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        self._check_reach()
        with self._alone():
            secrets.provision(self.secrets_root, owners=self._secret_owners)
            self.secrets_root.chmod(0o711)  # whatever the caller's mask: each process passes to its own folder
            self._settle()
            self._start_servers(time.monotonic() + timeout_s)
            search_user.remove_left_over(self.broker.call, now=Clock().now().timestamp())
            self._say("creating roles and databases")
            postgres.provision(self.db.dsn(), postgres.service_instance(self.secrets_root))
            postgres.provision(self.keyring.dsn(), postgres.keyring_instance(self.secrets_root))

    def _start_servers(self, deadline: float) -> None:
        servers = [self.server(name) for name in SERVERS]
        down = [server for server in servers if server.running() is None]
        if down:
            self._say(f"starting {', '.join(name for name, runs in self.running().items() if not runs)}")
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda server: server.prepare(), down))
        for server in down:
            server.launch()
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda server: server.wait_ready(deadline), servers))
        # The sources may have changed since it started: queues, rights, policies.
        for line in self.broker.take_up_definitions():
            self._say(line)

    def look_into(self, database: str) -> tuple[list[str], dict[str, str]]:
        """Return command and environment of a look into a database, as the role whose looks are counted.

        It asks for the password that whoever was given access has made.
        """
        if not self.running()["db"]:
            raise ServerError("the database does not run")
        psql = programs.required(programs.psql(), "postgresql-client")
        reader = postgres.READERS.get(database)
        if reader is None:
            raise ServerError(f"there is no database {database}: {', '.join(postgres.READERS)}")
        return [str(psql), f"host={LOOPBACK} port={self.db.port} user={reader} dbname={database}"], dict(os.environ)

    def stop(self) -> None:
        """End the servers that we started; the data stays."""
        if not self.exists():
            return
        with self._alone(), ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda name: self.server(name).stop(), SERVERS))

    def remove(self) -> None:
        """Delete everything below the root, data and keys included; the servers must be stopped."""
        if any(self.running().values()):
            raise ServerError(f"servers still run below {self.root}; stop them first")
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _check_reach(self) -> None:
        for user in ("postgres", "rabbitmq"):
            if not programs.can_reach(self.root, programs.run_as(user)):
                raise ServerError(
                    f"{self.root} lies below a folder that the user {user} may not enter, and PostgreSQL refuses "
                    "to run as root; choose another root"
                )

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second start or stop of the same root waiting until the first is through."""
        with (self.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _settle(self) -> None:
        """Choose the ports on first use; on later use keep them, unless somebody else has taken one since."""
        if not self.exists():
            chosen = ports.choose(_PORT_NAMES, preferred=self._first_settings["preferred"])  # type: ignore[arg-type]
            label = sha256(str(self.root).encode()).hexdigest()[:12]
            settings = Settings(
                chosen,
                f"vilkar-{label}@localhost",
                bool(self._first_settings["for_tests"]),
                self._first_settings["owner"],  # type: ignore[arg-type]
            )
            self._save(settings)
            return
        settings = self.settings
        running = self.running()
        if any(running.values()):
            return
        free_ports = ports.choose(_PORT_NAMES, preferred=settings.ports)
        for name in _PORT_NAMES:
            if free_ports[name] != settings.ports[name]:
                self._say(
                    f"port {settings.ports[name]} ({name}) is taken by somebody else; using {free_ports[name]}"
                )
        self._save(Settings(free_ports, settings.node, settings.for_tests, settings.owner))

    def _save(self, settings: Settings) -> None:
        draft = self.settings_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(settings), indent=1))
        draft.replace(self.settings_file)
