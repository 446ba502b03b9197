"""Which process is which: a process is named by its id and by the moment it started.

Linux gives a dead process's id to another one sooner or later. Whoever signals a number read from a file must
therefore prove that the number still means the process it meant. Here that proof is part of the name.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROC = Path("/proc")
_FIELD_STATE = 0
_FIELD_PARENT = 1
_FIELD_STARTED = 19
_POLL_SECONDS = 0.02
_SET_CHILD_SUBREAPER = 36
_REAPED_AT_ONCE = 1000

_libc = ctypes.CDLL(None, use_errno=True)

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Processes started by this one, kept so that they can be reaped when they end."""


@dataclass(frozen=True)
class ProcessIdentity:
    """A process: its id, its start in clock ticks since boot, and which boot that was."""

    pid: int
    started_ticks: int
    boot_id: str

    def alive(self) -> bool:
        """Say whether this very process still runs; a zombie does not."""
        return identity_of(self.pid) == self

    def age_s(self) -> float:
        """Return for how many seconds the process has been running (or would have been)."""
        up_s = float((_PROC / "uptime").read_text().split()[0])
        return up_s - self.started_ticks / os.sysconf("SC_CLK_TCK")

    def send(self, number: signal.Signals) -> bool:
        """Signal this process, never another that got its id; return whether it was there to be signalled."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            # The handle is taken first: from here on the id cannot change its meaning between check and signal.
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True

    def wait_gone(self, timeout_s: float) -> bool:
        """Wait until the process has ended; return False when it has not within `timeout_s` seconds."""
        deadline = time.monotonic() + timeout_s
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        reap(self.pid)
        return True


def boot_id() -> str:
    """Return the kernel's name for the time since the machine was last started."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/<pid>/stat after the command name (which may hold spaces and parentheses)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def identity_of(pid: int) -> ProcessIdentity | None:
    """Return the identity of a running process, or None where no such process runs."""
    fields = _stat(pid)
    if fields is None or fields[_FIELD_STATE] in "ZX":
        return None
    return ProcessIdentity(pid, int(fields[_FIELD_STARTED]), boot_id())


def descendants(ancestor: ProcessIdentity) -> list[ProcessIdentity]:
    """Return every process below `ancestor`, parents before children."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[_FIELD_PARENT]), []).append(int(entry.name))
    identities: list[ProcessIdentity] = []
    queue = list(children.get(ancestor.pid, [])) if ancestor.alive() else []
    while queue:
        pid = queue.pop(0)
        queue += children.get(pid, [])
        if (identity := identity_of(pid)) is not None:
            identities.append(identity)
    return identities


def end(identity: ProcessIdentity, *, first: signal.Signals = signal.SIGTERM, grace_s: float) -> bool:
    """Ask a process to end, and after `grace_s` seconds kill it with its descendants.

    Returns True when it ended by itself. A process that is not there any more has ended by itself.
    """
    below = descendants(identity)
    if not identity.send(first):
        reap(identity.pid)
        return True
    if identity.wait_gone(grace_s):
        return True
    kill(identity, also=below)
    return False


def kill(identity: ProcessIdentity, *, also: Sequence[ProcessIdentity] = ()) -> None:
    """End a process and everything below it at once, and wait until they are gone (5 seconds at most each)."""
    family = [identity, *descendants(identity), *also]
    for member in family:
        member.send(signal.SIGKILL)
    for member in family:
        member.wait_gone(5)


def start(
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    user: str | None = None,
) -> ProcessIdentity:
    """Start a program in a session of its own, its output appended to `log`, as `user` where one is named.

    Raises OSError where the program cannot be started (ChildProcessError where it was over at once).
    """
    for pid in list(_children):
        reap(pid)
    with open_log(log) as output:
        child = subprocess.Popen(
            list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(env), cwd=cwd,
            start_new_session=True, user=user, group=user, extra_groups=[] if user else None,
        )  # fmt: skip
    _children[child.pid] = child
    identity = identity_of(child.pid)
    if identity is None:
        reap(child.pid)
        raise ChildProcessError(f"{argv[0]} ended as soon as it was started: {tail(log)}")
    return identity


def open_log(log: Path) -> IO[bytes]:
    """Open a log at its end; it is made where it is missing, for nobody else to read."""
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def reap(pid: int) -> None:
    """Take note of the end of a process that we started, so that the kernel can forget it."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]


def become_subreaper() -> None:
    """From now on be the parent of whatever below this process loses its own. Raises OSError."""
    if _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def reap_all() -> None:
    """Take note of the end of every child, those too that a subreaper was given."""
    for _ in range(_REAPED_AT_ONCE):
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None:
            return
        if ended.si_pid in _children:
            reap(ended.si_pid)
        else:
            os.waitpid(ended.si_pid, 0)


def save(identity: ProcessIdentity, path: Path, **more: Any) -> None:
    """Write a pid file that names the process beyond doubt."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(json.dumps({**asdict(identity), **more}))
    draft.replace(path)


def record(path: Path) -> dict[str, Any]:
    """Return everything a pid file says, whether its process runs or not; nothing where there is no file."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return found


def load(path: Path) -> ProcessIdentity | None:
    """Return the process a pid file names when it still runs, else None (no file, no process, or another one)."""
    found = record(path)
    if not found:
        return None
    identity = ProcessIdentity(found["pid"], found["started_ticks"], found["boot_id"])
    return identity if identity.alive() else None


def tail(log: Path, *, lines: int = 15, limit_bytes: int = 16_384) -> str:
    """Return the last lines of a log file, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - limit_bytes))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return f"(no log at {log})"
    return "\n".join(text.splitlines()[-lines:]) or f"(nothing in {log})"
