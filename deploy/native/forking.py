"""Starts programs of ours by forking them from a fork server, where there can be one.

A fork server is there for one kind of process, one Python with its options, and what these read of the environment
when they start; it loads the programs that are wanted by then. It is begun when it is needed, and ended when it has
not been for a while: what it has in memory then serves nobody. One that has ended, or has loaded what has changed
since, is replaced. Where none can be had the caller starts the program as it would without: what is broken then
shows in the log of the program that it breaks.

Nothing here waits for a fork server that loads. And no program runs that we do not know of: a fork waits until it
is told what to be, which it is once its id has arrived here; where that does not happen it ends.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import confine, fork_server, processes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LOAD_LIMIT_SECONDS = 60.0
ANSWER_LIMIT_SECONDS = 10.0
AGAIN_AFTER_SECONDS = 60.0
"""For so long after a fork server could not load or fork, programs of its kind are started without."""
IDLE_SECONDS = 120.0
"""Longer than it may take to load, and than a program that ends again and again waits for its next start."""
NAME_LIMIT_BYTES = 15
_REPOSITORY = Path(__file__).resolve().parents[2]


class StillLoadingError(Exception):
    """The fork server has not loaded yet: the program is to be started somewhat later."""


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

    def __init__(
        self,
        say: Callable[[str], None],
        kinds: Mapping[str, str],
        *,
        later: Sequence[str] = ("VILKAR_",),
        idle_s: float = IDLE_SECONDS,
    ) -> None:
        """`kinds` says of which kind a program is; one that is not in it is started without a fork server.

        `later` are beginnings of names in the environment that nothing reads while it is loaded. `idle_s` is how
        long a fork server is kept that nobody needs.
        """
        self._say = say
        self._kinds = kinds
        self._later = tuple(later)
        self._idle_s = idle_s
        self._programs: defaultdict[_Key, set[str]] = defaultdict(set)
        self._servers: dict[_Key, _Server] = {}
        self._not_before: dict[_Key, float] = {}

    def prepare(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Let the fork server that is begun next load such a program."""
        command = Command.parse(argv)
        if command is not None and self._kinds.get(command.module):
            self._programs[self._key(command, env)].add(command.module)

    def start(
        self, argv: Sequence[str], *, name: str, log: Path, env: Mapping[str, str], cwd: Path
    ) -> processes.ProcessIdentity | None:
        """Fork a program as a process of that name; None where it is to be started without a fork server.

        Raises StillLoadingError, and ChildProcessError where the process was over at once.
        """
        command = Command.parse(argv)
        if command is None or not self._kinds.get(command.module):
            return None
        self.prepare(argv, env)
        request = {
            "name": name[:NAME_LIMIT_BYTES],
            "command": list(argv),
            "module": command.module,
            "arguments": command.arguments,
            "whom": command.whom,
            "environment": dict(env),
            "folder": str(cwd),
        }
        forked = self._fork(self._key(command, env), log)
        if forked is None:
            return None
        identity = processes.identity_of(forked.pid)
        told = forked.tell(json.dumps(request))
        if identity is None or not told:
            raise ChildProcessError(f"{command.module} ended as soon as it was started: {processes.tail(log)}")
        return identity

    def end_idle(self) -> None:
        """End those that have had nothing to do for a while."""
        for key, server in list(self._servers.items()):
            if time.monotonic() - server.used_at >= self._idle_s:
                self._servers.pop(key).close()

    def close(self) -> None:
        """End the fork servers; what they forked runs on."""
        for key in list(self._servers):
            self._servers.pop(key).close()

    def _key(self, command: Command, env: Mapping[str, str]) -> _Key:
        at_load = tuple(sorted((name, env[name]) for name in env if not name.startswith(self._later)))
        return _Key(self._kinds[command.module], command.python, at_load)

    def _server(self, key: _Key) -> _Server | None:
        if key not in self._servers and time.monotonic() >= self._not_before.get(key, 0.0):
            self._servers[key] = _Server(key, sorted(self._programs[key]))
        return self._servers.get(key)

    def _fork(self, key: _Key, log: Path) -> _Forked | None:
        while (server := self._server(key)) is not None:
            if server.still_loads():
                raise StillLoadingError(key.kind)
            try:
                if (forked := server.fork(log)) is not None:
                    return forked
            except _UselessServerError as error:
                self._say(f"the fork server for {key.kind} processes {error}; they are started without")
                self._not_before[key] = time.monotonic() + AGAIN_AFTER_SECONDS
            self._servers.pop(key).close()
        return None


@dataclass(frozen=True)
class _Key:
    kind: str
    python: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


class _UselessServerError(Exception):
    """Another one like this would do no better; says why."""


@dataclass(frozen=True)
class _Forked:
    """A process that waits to be told what to be. It ends where that does not come."""

    pid: int
    door: int

    def tell(self, request: str) -> bool:
        """Say what to be; whether it could be said."""
        try:
            with os.fdopen(self.door, "w", encoding="utf-8") as door:
                door.write(request)
        except BrokenPipeError:
            return False
        return True


class _Server:
    """One fork server. It ends when its socket is closed, and so with the process that began it."""

    def __init__(self, key: _Key, programs: Sequence[str]) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [*key.python, "-m", fork_server.__name__, key.kind, str(theirs.fileno()), *programs]
            self._process = subprocess.Popen(
                argv, cwd=_REPOSITORY, env=dict(key.environment), stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        self.used_at = time.monotonic()
        self._loaded: bool | None = None

    def still_loads(self) -> bool:
        """Say whether it is too early to ask for a fork; returns at once."""
        is_late = time.monotonic() - self.used_at >= LOAD_LIMIT_SECONDS
        if self._loaded is None and (is_late or self._has_spoken(0.0)):
            self._loaded = self._answer(0.0) == fork_server.LOADED
        return self._loaded is None

    def fork(self, log: Path) -> _Forked | None:
        """Return a new process; None where what was loaded has changed, or this server has ended.

        Raises _UselessServerError where it could not load, or cannot fork.
        """
        if not self._loaded:
            raise _UselessServerError("could not load")
        self.used_at = time.monotonic()
        with processes.open_log(log) as output:
            request, door = os.pipe()
            try:
                socket.send_fds(self._door, [b"fork"], [output.fileno(), request])
                answer = self._answer(ANSWER_LIMIT_SECONDS)
            except ConnectionError:
                answer = b""
            finally:
                os.close(request)
        if answer.isdigit():
            return _Forked(int(answer), door)
        os.close(door)
        if answer == fork_server.FAILED:
            raise _UselessServerError("could not fork")
        return None

    def _has_spoken(self, limit_s: float) -> bool:
        return bool(select.select([self._door], [], [], limit_s)[0])

    def _answer(self, limit_s: float) -> bytes:
        """Return its next message, nothing where it has ended, and that it failed where none comes."""
        if not self._has_spoken(limit_s):
            return fork_server.FAILED
        try:
            return self._door.recv(fork_server.LONGEST_MESSAGE)
        except ConnectionError:
            return b""

    def close(self) -> None:
        """End it at once: it has nothing to lose."""
        self._door.close()
        self._process.kill()
        self._process.wait()
