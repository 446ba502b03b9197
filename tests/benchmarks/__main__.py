"""Measures how fast the system is on this machine, beside what it is built on, and holds it against the targets.

    python -m tests.benchmarks [--quick] [--only NAME]… [--rounds N] [--json FILE] [--servers FOLDER]

What each figure means is in docs/benchmarks.md. A benchmark that fails or takes too long is told, and the others go
on. The exit status is 1 where one failed and 2 where a target was missed: one busy neighbour is enough for that.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from shared import log
from shared.clock import Clock
from tests.benchmarks import (
    acts,
    audit,
    calls,
    erasing,
    events,
    exporting,
    fan_out,
    ground,
    latency,
    logins,
    relay,
    rest,
)
from tests.benchmarks.figures import QUICK, Figure, Size, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.native.infrastructure import Infrastructure
    from tests.integration.bus.harness import Bench

Measure = "Callable[[Infrastructure, Path, Size], list[Figure]]"
LOG_TAIL = 1500


class TooLongError(Exception):
    """A benchmark did not end within its time."""


def on_the_bus(measure: Callable[[Bench, Size], list[Figure]]) -> Measure:
    """Give `measure` a virtual host and a database; where it fails, show what its processes said last."""

    def measured(standing: Infrastructure, folder: Path, size: Size) -> list[Figure]:
        with ground.ground(standing, folder) as bench:
            try:
                return measure(bench, size)
            except Exception:
                for process in bench.processes[-2:]:
                    print(process.log.read_text()[-LOG_TAIL:], file=sys.stderr)
                raise

    return measured


BENCHMARKS: dict[str, tuple[Measure, int]] = {
    "events": (on_the_bus(events.measure), 600),
    "calls": (on_the_bus(calls.measure), 240),
    "acts": (on_the_bus(acts.measure), 240),
    "latency": (on_the_bus(latency.measure), 300),
    "relay": (on_the_bus(relay.measure), 300),
    "audit": (audit.measure, 400),
    "erasing": (erasing.measure, 600),
    "exporting": (exporting.measure, 900),
    "logins": (logins.measure, 1200),
    "fan_out": (fan_out.measure, 2400),
    "rest": (rest.measure, 1200),
}
"""Each with the seconds it may take."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise in the middle of whatever is under way when the time is up."""

    def strike(*_: object) -> None:
        raise TooLongError(f"not ended within {seconds} s")

    before = signal.signal(signal.SIGALRM, strike)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def measure_all(
    standing: Infrastructure, folder: Path, names: list[str], size: Size
) -> tuple[list[Figure], dict[str, str]]:
    """Return the figures, and what went wrong by benchmark."""
    figures: list[Figure] = []
    failures: dict[str, str] = {}
    for name in names:
        measure, seconds = BENCHMARKS[name]
        began = time.monotonic()
        try:
            with limited(seconds), tempfile.TemporaryDirectory(dir=folder) as own:
                figures += measure(standing, Path(own), size)
        except Exception as error:  # noqa: BLE001  # told below, and the others go on
            failures[name] = f"{type(error).__name__}: {error}"
        told = failures.get(name, "measured")
        print(f"{name:10}{time.monotonic() - began:6.0f} s  {told}", file=sys.stderr)
    return figures, failures


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "at": Clock().now().isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "model": models[0].partition(":")[2].strip() if models else platform.machine(),
        "python": platform.python_version(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
    }


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--quick", action="store_true", help="one short round: whether it works, not how fast it is"
    )
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each is measured; the median counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures here as well")
    parser.add_argument(
        "--servers", type=Path, metavar="FOLDER", help="start servers below FOLDER and leave them running"
    )
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether all targets are met."""
    asked = options()
    size = QUICK if asked.quick else Size()
    size = replace(size, rounds=asked.rounds or size.rounds)
    log.configure(service="benchmarks", level="ERROR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    before = machine()
    with ground.servers(asked.servers) as standing, tempfile.TemporaryDirectory(prefix="vilkar-logs-") as folder:
        figures, failures = measure_all(standing, Path(folder), asked.only or list(BENCHMARKS), size)
    report = {
        "before": before,
        "after": machine(),
        "rounds": size.rounds,
        "figures": [figure.record() for figure in figures],
        "failures": failures,
    }
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    show(figures)
    loads = f"load {before['load_average'][0]} before and {report['after']['load_average'][0]} after"
    where = f"{before['processors']} processors ({before['model']}), Python {before['python']}"
    print(f"\n{before['at']}, {where}, medians of {size.rounds}, {loads}")
    for name, error in failures.items():
        print(f"failed: {name}: {error}")
    if failures:
        return 1
    return 2 if any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
