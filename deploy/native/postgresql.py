"""One PostgreSQL server of our own: own data folder, own port, loopback only."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.native import processes, programs
from deploy.native.ports import LOOPBACK

_PACKAGE = "postgresql"
_USER = "postgres"
_INITDB_LIMIT_SECONDS = 120
_POLL_SECONDS = 0.05
_STOP_GRACE_SECONDS = 30.0

_SETTINGS = {
    "listen_addresses": f"'{LOOPBACK}'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # Statements hold values, and values may be personal data: the server's log gets the error, not the statement.
    "log_statement": "'none'",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "max_connections": "200",
    "shared_buffers": "'32MB'",
    "wal_buffers": "'2MB'",
    "max_logical_replication_workers": "0",
}

_TEST_SETTINGS = {
    # A test's data need not survive a power cut. Never for data that anybody wants back.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A visit in each database costs as much as some hundred rows; tests have dozens, for a minute each.
    "autovacuum_naptime": "'10min'",
}


class ServerError(Exception):
    """A server did not start, or is not the one we started; the message ends with the tail of its log."""


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL instance with everything it owns below `folder`; `for_tests` gives durability up for speed."""

    name: str
    folder: Path
    port: int
    superuser_password: str
    for_tests: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def pid_file(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.pid")

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Return a connection address, by default the superuser's."""
        return psycopg.conninfo.make_conninfo(
            host=LOOPBACK,
            port=self.port,
            dbname=database,
            user=user,
            password=self.superuser_password if password is None else password,
            connect_timeout=5,
        )

    def running(self) -> processes.ProcessIdentity | None:
        """Return the server process that we started here, when it runs."""
        return processes.load(self.pid_file)

    def prepare(self) -> None:
        """Create the data folder where there is none, and write the settings anew."""
        user = programs.run_as(_USER)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        programs.give(self.folder, user)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(user)
        settings = _SETTINGS | {"port": str(self.port)} | (_TEST_SETTINGS if self.for_tests else {})
        self._write("postgresql.auto.conf", "".join(f"{k} = {v}\n" for k, v in settings.items()), user)
        self._write("pg_hba.conf", f"host all all {LOOPBACK}/32 scram-sha-256\n", user)

    def _write(self, name: str, text: str, user: str | None) -> None:
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        programs.give(path, user)

    def _initialise(self, user: str | None) -> None:
        """Run initdb; a folder left half made by an interrupted one is made anew."""
        shutil.rmtree(self.data, ignore_errors=True)
        password_file = self.folder / "initial-password"
        password_file.touch(mode=0o600)
        programs.give(password_file, user)
        password_file.write_text(self.superuser_password)
        folder = programs.required(programs.postgres_folder(), _PACKAGE)
        argv = [
            str(folder / "initdb"), "--pgdata", str(self.data), "--username", "postgres", "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--data-checksums", "--pwfile", str(password_file),
            *(["--no-sync"] if self.for_tests else []),
        ]  # fmt: skip
        try:
            result = subprocess.run(
                argv, cwd="/", check=False, capture_output=True, text=True, timeout=_INITDB_LIMIT_SECONDS,
                stdin=subprocess.DEVNULL, user=user, group=user, extra_groups=[] if user else None,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        finally:
            password_file.unlink()
        if result.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerError(
                f"PostgreSQL ({self.name}) could not be initialised:\n{result.stderr or result.stdout}"
            )

    def launch(self) -> None:
        """Start the server process; `wait_ready` says when it answers."""
        user = programs.run_as(_USER)
        folder = programs.required(programs.postgres_folder(), _PACKAGE)
        identity = processes.start(
            [str(folder / "postgres"), "-D", str(self.data)],
            log=self.log, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, cwd=Path("/"), user=user,
        )  # fmt: skip
        processes.save(identity, self.pid_file)

    def wait_ready(self, deadline: float) -> None:
        """Wait until the server answers and is ours; `deadline` is an instant of time.monotonic()."""
        while True:
            try:
                with psycopg.connect(self.dsn(), autocommit=True) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
            except psycopg.OperationalError as error:
                self._give_up_if_hopeless(error, deadline)
                time.sleep(_POLL_SECONDS)
                continue
            if row is None or Path(row[0]) != self.data:
                raise ServerError(
                    f"another PostgreSQL answers on port {self.port}; ours ({self.name}) is {self.data}"
                )
            return

    def _give_up_if_hopeless(self, error: psycopg.OperationalError, deadline: float) -> None:
        if self.running() is None:
            raise ServerError(
                f"PostgreSQL ({self.name}) ended while starting; {self.log}:\n{processes.tail(self.log)}"
            ) from error
        if time.monotonic() > deadline:
            raise ServerError(
                f"PostgreSQL ({self.name}) does not answer on port {self.port}: {error}\n"
                f"{self.log}:\n{processes.tail(self.log)}"
            ) from error

    def stop(self) -> None:
        """End the server: a fast shutdown, and after 30 seconds the crash that its write-ahead log is made for."""
        identity = self.running()
        if identity is not None:
            processes.end(identity, first=signal.SIGINT, grace_s=_STOP_GRACE_SECONDS)
        self.pid_file.unlink(missing_ok=True)
