"""Starts programs of ours by forking them from a fork server, where there can be one.

A fork server is there for one kind of process, one Python with its options, and what these read of the environment
when they start. It is begun when it is first needed; one that has ended, or has loaded what has changed since, is
replaced. Where none can be had the caller starts the program as it would without: what is broken then shows in the
log of the program that it breaks.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import confine, fork_server, processes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LOAD_LIMIT_SECONDS = 60.0
ANSWER_LIMIT_SECONDS = 10.0
AGAIN_AFTER_SECONDS = 60.0
"""For so long after a fork server could not load, programs of its kind are started without."""
NAME_LIMIT_BYTES = 15
_TRIES = 2
_REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Command:
    """A command line that runs a module of ours, perhaps through deploy/native/confine.py."""

    python: tuple[str, ...]
    module: str
    arguments: tuple[str, ...]
    whom: str | None

    @classmethod
    def parse(cls, argv: Sequence[str]) -> Command | None:
        """Read `python [options] -m module [arguments]`; None where it is another command line."""
        whom, rest = None, list(argv)
        if rest[1:4] == ["-I", "-S", confine.__file__]:
            whom, rest = rest[4], rest[5:]
        if "-m" not in rest or "-c" in rest[: rest.index("-m")]:
            return None
        at = rest.index("-m")
        return cls(tuple(rest[:at]), rest[at + 1], tuple(rest[at + 2 :]), whom)


class ForkServers:
    """The fork servers of one process, which must be a subreaper (deploy.native.processes)."""

    def __init__(self, say: Callable[[str], None], *, later: Sequence[str] = ("VILKAR_",)) -> None:
        """`later` are beginnings of names in the environment that nothing reads while it is loaded."""
        self._say = say
        self._later = tuple(later)
        self._servers: dict[_Key, _Server] = {}
        self._not_before: dict[_Key, float] = {}

    def prepare(self, kind: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Let the fork server for such a program begin to load."""
        command = Command.parse(argv)
        if kind and command is not None:
            self._server(self._key(kind, command, env))

    def start(
        self, kind: str, argv: Sequence[str], *, name: str, log: Path, env: Mapping[str, str], cwd: Path
    ) -> processes.ProcessIdentity | None:
        """Fork a program as a process of that name; None where it is to be started without a fork server.

        Raises ChildProcessError where it was over at once.
        """
        command = Command.parse(argv)
        if not kind or command is None:
            return None
        request = {
            "name": name[:NAME_LIMIT_BYTES],
            "command": list(argv),
            "module": command.module,
            "arguments": command.arguments,
            "whom": command.whom,
            "environment": dict(env),
            "folder": str(cwd),
        }
        pid = self._fork(self._key(kind, command, env), json.dumps(request), log)
        if pid is None:
            return None
        identity = processes.identity_of(pid)
        if identity is None:
            raise ChildProcessError(f"{command.module} ended as soon as it was started: {processes.tail(log)}")
        return identity

    def close(self) -> None:
        """End the fork servers; what they forked runs on."""
        for key in list(self._servers):
            self._servers.pop(key).close()

    def _key(self, kind: str, command: Command, env: Mapping[str, str]) -> _Key:
        at_load = tuple(sorted((name, env[name]) for name in env if not name.startswith(self._later)))
        return _Key(kind, command.python, at_load)

    def _server(self, key: _Key) -> _Server | None:
        if key not in self._servers and time.monotonic() >= self._not_before.get(key, 0.0):
            self._servers[key] = _Server(key)
        return self._servers.get(key)

    def _fork(self, key: _Key, request: str, log: Path) -> int | None:
        for _ in range(_TRIES):
            server = self._server(key)
            if server is None:
                return None
            if not server.loaded():
                self._say(f"the fork server for {key.kind} processes could not load; they are started without")
                self._not_before[key] = time.monotonic() + AGAIN_AFTER_SECONDS
            elif (pid := server.fork(request, log)) is not None:
                return pid
            self._servers.pop(key).close()
        return None


@dataclass(frozen=True)
class _Key:
    kind: str
    python: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


class _Server:
    """One fork server. It ends when its socket is closed, and so with the process that began it."""

    def __init__(self, key: _Key) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [*key.python, "-m", fork_server.__name__, key.kind, str(theirs.fileno())]
            self._process = subprocess.Popen(
                argv, cwd=_REPOSITORY, env=dict(key.environment), stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        self._loaded = False

    def loaded(self) -> bool:
        """Wait until it has loaded; False where it could not."""
        self._loaded = self._loaded or self._answer(LOAD_LIMIT_SECONDS) == fork_server.LOADED
        return self._loaded

    def fork(self, request: str, log: Path) -> int | None:
        """Return the id of a new process; None where this server can fork none any more."""
        with processes.open_log(log) as output, open(os.memfd_create("request"), "w+b", buffering=0) as told:  # noqa: PTH123  # a descriptor
            told.write(request.encode())
            told.seek(0)
            try:
                socket.send_fds(self._door, [b"fork"], [output.fileno(), told.fileno()])
            except ConnectionError:
                return None
        answer = self._answer(ANSWER_LIMIT_SECONDS)
        return int(answer) if answer.isdigit() else None

    def _answer(self, limit_s: float) -> bytes:
        """Return its next message, or nothing where none comes."""
        self._door.settimeout(limit_s)
        try:
            return self._door.recv(fork_server.LONGEST_MESSAGE)
        except (ConnectionError, TimeoutError):
            return b""

    def close(self) -> None:
        self._door.close()
        try:
            self._process.wait(ANSWER_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
