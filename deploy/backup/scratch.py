"""A PostgreSQL server for an hour at most: to restore a backup into, look at it, and throw both away.

It listens on no network, only on a socket in a folder that nobody else may enter; no service knows it. What is read
into it is in no file of the servers in use, nor in their write-ahead logs, and is gone with its folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import psycopg

from deploy.backup import programs
from deploy.backup.errors import BackupFailed

LIFE_SECONDS: Final = 3600
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05
USER: Final = "prover"
ROOTS_PLACE: Final = Path("/var/tmp")  # noqa: S108  # its folder there is made by nobody else, or not used
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "20",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
    # Nobody wants it back.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    # Statements hold values: its log, which is thrown away as well, gets the error and not the statement.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def place_of(work: Path) -> Path:
    """Where the server's files lie: below `work`, but for root, whose folders PostgreSQL's user may not enter."""
    if os.geteuid() != 0:
        return work / "scratch"
    return ROOTS_PLACE / f"vilkar-scratch-{sha256(str(work).encode()).hexdigest()[:12]}"


def clear(work: Path) -> None:
    """Remove what a run that was killed has left."""
    place = place_of(work)
    # Root's lies where everybody may make folders: another's is neither entered nor removed.
    if not place.is_dir() or place.lstat().st_uid not in {os.geteuid(), _owner(_user())}:
        return
    (place / "data" / "postmaster.pid").unlink(missing_ok=True)  # a server that still runs ends when it misses it
    shutil.rmtree(place)


@contextmanager
def running(work: Path) -> Iterator[str]:
    """The folder of the socket of a server, for as long as the block lasts. Raises `BackupFailed`."""
    place, user = place_of(work), _user()
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupFailed(f"{place} is somebody else's; remove it") from None
    # A socket's path may have a hundred characters; that of the work folder may be longer.
    socket = Path(tempfile.mkdtemp(prefix="vilkar-"))
    try:
        for folder in (place, socket):
            _give(folder, user)
        _make(place, user)
        with _serving(place, socket, user):
            yield str(socket)
    finally:
        shutil.rmtree(socket)
        shutil.rmtree(place)


def _user() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def _owner(user: str | None) -> int:
    return os.geteuid() if user is None else _entry(user).pw_uid


def _give(folder: Path, user: str | None) -> None:
    if user is not None:
        os.chown(folder, _entry(user).pw_uid, _entry(user).pw_gid)


def _entry(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise BackupFailed(f"there is no user {user} (apt-get install postgresql)") from None


def _make(place: Path, user: str | None) -> None:
    programs.run(
        [programs.postgres("initdb"), f"--pgdata={place / 'data'}", f"--username={USER}", "--auth=trust",
         "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        env={}, limit_s=START_SECONDS, cwd=place, user=user,
    )  # fmt: skip


@contextmanager
def _serving(place: Path, socket: Path, user: str | None) -> Iterator[None]:
    options = {**_SETTINGS, "unix_socket_directories": str(socket)}
    argv = ["timeout", "--foreground", "--signal=INT", "--kill-after=30", str(LIFE_SECONDS)]
    argv += [programs.postgres("postgres"), "-D", str(place / "data")]
    argv += [f"--{name}={value}" for name, value in options.items()]
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=place,
            env=programs.environment({}),
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
    try:
        _wait(server, place / "log", socket)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], log: Path, socket: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(dsn(socket, "postgres")).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                complaint = programs.plain(log.read_text(errors="replace"))
                raise BackupFailed(f"no scratch server could be started: {complaint}") from None
        else:
            return
        time.sleep(POLL_SECONDS)


def dsn(socket: Path | str, database: str) -> str:
    """Where a database of the scratch server is."""
    return psycopg.conninfo.make_conninfo(host=str(socket), dbname=database, user=USER, connect_timeout=5)
