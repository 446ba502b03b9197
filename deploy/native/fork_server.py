"""Forks processes of ours from one that has loaded them: `python -m deploy.native.fork_server KIND FD MODULE…`.

Loading is most of what a start takes, and most of what a process has in memory. A fork takes neither: the kernel
copies a page when somebody writes to it. But whoever imports writes all over what was loaded before: so it is the
programs that are loaded, with all that they import. deploy.native.forking is the other end of FD.

FD is a socket that nobody else has: whoever speaks through it has root's rights where root runs the system. For
each process it brings two descriptors, the log's and that of a request (deploy.native.forking), which the child
alone reads. The child is forked twice, so that it is the supervisor's and outlives this process. It waits for the
request, and ends where none comes; then it closes every descriptor, takes session, environment and user of its own,
and runs the module as `python -m` does.

It answers `loaded` once, then for each process its id, or `failed` where there can be none, or `stale` where a file
that was loaded has changed: then this process ends, and another is to take its place.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import os
import runpy
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import confine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    State = tuple[int, int, int, int]

LOADED, FAILED, STALE = b"loaded", b"failed", b"stale"
LONGEST_MESSAGE = 64
COOPERATIVE = "cooperative"
"""Processes that wait on green threads: shared.bus.monkey_patch is applied before anything is imported."""
THREADED = "threaded"
"""Processes that wait in threads of the machine, and in which eventlet is never loaded."""
OURS = tuple(str(Path(__file__).parents[2] / name) + os.sep for name in ("deploy", "sandbox", "services", "shared"))
_SET_DUMPABLE, _SET_NAME = 4, 15

# Taken before eventlet puts others in their place, which make a hub.
_receive, _wait_for, _open = socket.recv_fds, os.waitpid, os.open
_read, _write = os.read, os.write


class LoadError(Exception):
    """No process may be forked from what was loaded."""


# ── what is loaded ──


def load(kind: str, programs: Sequence[str]) -> dict[str, State]:
    """Import programs of a kind; returns which files that were, and how each is.

    Raises LoadError where that began what a fork would share or lose, or where a file changed meanwhile.
    """
    begun, before = time.time_ns(), open_descriptors()
    if kind == COOPERATIVE:
        from shared.bus import monkey_patch  # noqa: PLC0415  # brings eventlet

        monkey_patch.apply()
    mains = [main_of(program) for program in programs]
    for name in mains:
        importlib.import_module(name)
    states = dict(loaded_files())
    for name in mains:
        del sys.modules[name]  # each fork runs its own, under another name
    if kind == COOPERATIVE:
        monkey_patch.forget_hub()
    gc.collect()  # what is no longer used may still hold a descriptor
    if left := open_descriptors() - before:
        raise LoadError(f"loading has left descriptors open: {sorted(left)}")
    if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:
        raise LoadError(f"loading has begun threads: {threads - 1}")
    if newer := [path for path, state in states.items() if state[0] >= begun]:
        raise LoadError(f"{newer[0]} was changed while it was loaded")
    return states


def main_of(program: str) -> str:
    """Return the module that runs where `python -m` is told this name."""
    spec = importlib.util.find_spec(program)
    return f"{program}.__main__" if spec is not None and spec.submodule_search_locations is not None else program


def open_descriptors() -> set[int]:
    """Return the descriptors that this process has open."""
    return {number for link in Path("/proc/self/fd").iterdir() if _is_open(number := int(link.name))}


def _is_open(descriptor: int) -> bool:
    """Say so of all but the one by which the list was read."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def loaded_files() -> Iterator[tuple[str, State]]:
    """Yield the file of each module; of ours also what lies beside it, for queries and tables are loaded too."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is None:
            continue
        is_ours = hasattr(module, "__path__") and file.startswith(OURS)
        beside = [entry.path for entry in os.scandir(Path(file).parent) if entry.is_file()] if is_ours else []
        for path in (file, *beside):
            if (state := state_of(path)) is not None:
                yield path, state


def state_of(path: str) -> State | None:
    """Return what differs once a file has changed; None where there is none."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return None
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino


# ── forks ──


def serve(door: socket.socket, files: dict[str, State]) -> tuple[int, int] | None:
    """Fork whenever asked, until nobody is left to ask. Returns in each child: its log, and its request."""
    while True:
        message, descriptors, _, _ = _receive(door, LONGEST_MESSAGE, 2)
        if not message:
            return None
        if any(state_of(path) != state for path, state in files.items()):
            door.send(STALE)
            return None
        told, tell = os.pipe()
        middle = os.fork()
        if middle == 0:
            _leave_to_the_supervisor(tell)
            log, request = descriptors
            return log, request
        _wait_for(middle, 0)
        os.close(tell)
        # Once the middle one is gone the child is the supervisor's.
        door.send(_read(told, LONGEST_MESSAGE) or FAILED)
        for each in (told, *descriptors):
            os.close(each)


def _leave_to_the_supervisor(tell: int) -> None:
    """Fork once more, tell the id and end; returns in the child."""
    try:
        if child := os.fork():
            _write(tell, str(child).encode())
            os._exit(0)
    except OSError:
        os._exit(1)


def become(log: int, request: int) -> str:
    """Make of this fork what the request says, as an exec would; returns the module to be run."""
    os.setsid()
    with open(request, encoding="utf-8") as file:  # a descriptor
        text = file.read()
    if not text:
        raise SystemExit(0)  # whoever asked for this fork does not know of it
    told: dict[str, Any] = json.loads(text)
    for source, target in ((_open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    for descriptor in open_descriptors() - {0, 1, 2}:
        os.close(descriptor)
    os.environ.update(told["environment"])
    time.tzset()
    os.chdir(told["folder"])
    libc = ctypes.CDLL(None)
    if told["whom"] is not None:
        if wrong := confine.enter(told["whom"]):
            raise SystemExit(wrong)
        libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)  # as after an exec: /proc/self belongs to whom the process does
    libc.prctl(_SET_NAME, told["name"].encode(), 0, 0, 0)
    sys.orig_argv = told["command"]
    sys.argv = [told["module"], *told["arguments"]]
    return str(told["module"])


def main(arguments: list[str]) -> None:
    """Load, then fork; in a child run what was asked for, and end as it does."""
    kind, descriptor, *programs = arguments
    door = socket.socket(fileno=int(descriptor))
    files = load(kind, programs)
    gc.freeze()
    door.send(LOADED)
    forked = serve(door, files)
    door.close()
    if forked is not None:
        files.clear()
        runpy.run_module(become(*forked), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
