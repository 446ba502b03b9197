"""What the whole native system takes of the machine while it has nothing to do: processor and memory.

A system of its own is started, left alone for a while, and then looked at twice in `/proc`: nobody asks it anything
in between, so what it uses it uses by itself. Processor time is counted by the kernel for each process,
also of those that ended meanwhile; a busy neighbour changes it little. Memory is the proportional set size: what
several processes share counts once.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.native import plan, ports, processes
from deploy.native.system import NativeSystem
from tests.benchmarks.figures import Figure, Size, Target

if TYPE_CHECKING:
    from deploy.native.infrastructure import Infrastructure

MOST_PERCENT: Final = 6.0
MOST_GIGABYTES: Final = 0.9
START_SECONDS: Final = 240.0
FOLLOWING_STATE: Final = slice(11, 15)
"""Of /proc/PID/stat after the command: own time in user and system mode, and that of children that have ended."""
SUPERVISOR: Final = "supervisor"


def measure(_standing: Infrastructure, _folder: Path, size: Size) -> list[Figure]:
    """The whole, held against its bounds, and each process; its servers are its own, for others keep these busy."""
    with at_work() as system:
        time.sleep(size.settling)
        before, began = used_seconds(system), time.monotonic()
        time.sleep(size.resting)
        after, gone = used_seconds(system), time.monotonic() - began
        memory = memory_bytes(system)
    percent = {name: (after[name] - before.get(name, 0.0)) / gone * 100 for name in after}
    gigabytes = {name: taken / 1e9 for name, taken in memory.items()}
    whole = [
        Figure(
            name="at rest, the whole system, servers included",
            unit="% of a core",
            rounds=[sum(percent.values())],
            target=Target(value=MOST_PERCENT, at_least=False),
        ),
        Figure(
            name="at rest, the whole system, servers included",
            unit="GB",
            rounds=[sum(gigabytes.values())],
            target=Target(value=MOST_GIGABYTES, at_least=False),
        ),
    ]
    each = [
        Figure(name=f"at rest, {name}", unit=unit, rounds=[figures[name]])
        for name in sorted(percent, key=lambda name: -percent[name])
        for unit, figures in (("% of a core", percent), ("GB", gigabytes))
    ]
    return whole + each


@contextmanager
def at_work() -> Iterator[NativeSystem]:
    """A system in a home of its own, all of it ready; ended and deleted afterwards."""
    home = Path(tempfile.mkdtemp(prefix="vilkar-rest-"))
    chosen = ports.choose(list(plan.FACES))
    settings = {setting: str(chosen[name]) for name, setting in plan.ASKED_PORTS.items()}
    system = NativeSystem(
        home,
        lambda line: print(f"  {line}", file=sys.stderr),
        settings={"VILKAR_ENVIRONMENT": "demo", **settings},
        owner=processes.identity_of(os.getpid()),
    )
    try:
        system.up(selected=[program.name for program in plan.PROGRAMS], scale={}, timeout_s=START_SECONDS)
        yield system
    finally:
        system.down(volumes=True)
        shutil.rmtree(home, ignore_errors=True)


def used_seconds(system: NativeSystem) -> Mapping[str, float]:
    """Seconds of a processor that each process or server has used so far, with all that it started."""
    ticks = os.sysconf("SC_CLK_TCK")
    used: Counter[str] = Counter()
    for name, pid in members(system):
        used[name] += sum(int(field) for field in _stat(pid)[FOLLOWING_STATE]) / ticks
    return used


def memory_bytes(system: NativeSystem) -> Mapping[str, float]:
    """Proportional set size of each process or server, with all that it started."""
    taken: Counter[str] = Counter()
    for name, pid in members(system):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        (line,) = (line for line in rollup if line.startswith("Pss:"))
        taken[name] += int(line.split()[1]) * 1024
    return taken


def members(system: NativeSystem) -> Iterator[tuple[str, int]]:
    """Every process of the system, under the name of the server or the process of the plan that it belongs to."""
    broker = system.infrastructure.broker
    roots = {
        "db": system.infrastructure.db.running(),
        "keyring": system.infrastructure.keyring.running(),
        "broker": broker.running(),
        "broker's port mapper": processes.load(broker.mapper_pid_file),
        **{file.stem: processes.load(file) for file in sorted((system.home / "pids").glob("*.json"))},
    }
    kept = processes.load(system.home / "supervisor.json")
    assert kept is not None, "no supervisor runs"
    counted = set()
    for name, root in roots.items():
        assert root is not None, f"{name} does not run"
        for each in (root, *processes.descendants(root)):
            counted.add(each.pid)
            yield name, each.pid
    for each in (kept, *processes.descendants(kept)):  # its fork servers among them
        if each.pid not in counted:
            yield SUPERVISOR, each.pid


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
