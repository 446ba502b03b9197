"""Tests run beside each other: a file stays together, and what takes longest begins first.

    pytest -n 4 --dist loadscope --no-loadscope-reorder

Whatever shares a server, a module's database or a service that was started once is in one file, so a file runs in
one process. The tests of the whole system share that system: they are one unit, and those that interrupt it for
minutes, on another system, a second one; these two are the longest, and begin first.
`durations.json` says how long each file took, roughly; `pytest --record-durations` writes it anew, and CI leaves
its own beside its report. A file that is missing in it counts as a long one where it starts servers: one that
begins last and takes minutes is waited for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DURATIONS_FILE: Final = Path(__file__).parents[1] / "durations.json"
UNKNOWN_SECONDS: Final = 2.0
UNKNOWN_SECONDS_WITH_SERVERS: Final = 60.0
"""What a file counts as that was never timed."""
SHARING: Final = ("tests/e2e/compose", "tests/e2e/interrupted", "tests/e2e")
"""Folders whose tests share one system, the inner ones first."""


def unit_of(nodeid: str) -> str:
    """Return what a test is kept together with: its file, or the folder whose tests share a system."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in SHARING if file.startswith(f"{folder}/")), file)


def known_seconds() -> dict[str, float]:
    """Return how long each file took when it was last recorded."""
    found: dict[str, float] = json.loads(DURATIONS_FILE.read_text()) if DURATIONS_FILE.exists() else {}
    return found


def expected_seconds(file: str, known: Mapping[str, float]) -> float:
    """Return how long a file is expected to take."""
    starts_servers = file.startswith(("tests/integration/", "tests/e2e/"))
    return known.get(file, UNKNOWN_SECONDS_WITH_SERVERS if starts_servers else UNKNOWN_SECONDS)


def seconds_of_units(files: Iterable[str], known: Mapping[str, float]) -> dict[str, float]:
    """Return how long each unit is expected to take."""
    total: dict[str, float] = defaultdict(float)
    for file in files:
        total[unit_of(file)] += expected_seconds(file, known)
    return total


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; the tests of the whole system stay in the order in which they are written.

    All others run in an order drawn anew each time. These share one system, whose clock, letters and backups go on
    from test to test; what fails in an order that no later run repeats teaches nothing.
    """
    expected = seconds_of_units({_file(item) for item in items}, known_seconds())

    def place(item: pytest.Item) -> tuple[float, str, str, int]:
        file = _file(item)
        unit = unit_of(file)
        written = (file, item.reportinfo()[1] or 0) if unit != file else ("", 0)
        return (-expected[unit], unit, *written)

    items.sort(key=place)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


class Durations:
    """Adds up what each file took, and writes it down at the end of a run that was asked to."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            return
        merged = {**known_seconds(), **{file: round(took, 1) for file, took in self.seconds.items()}}
        there = {file: took for file, took in sorted(merged.items()) if (session.config.rootpath / file).exists()}
        self.file.write_text(json.dumps(there, indent=1) + "\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-durations",
        nargs="?",
        const=str(DURATIONS_FILE),
        metavar="FILE",
        help="write anew how long each file took (tests/durations.json)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if file := config.getoption("--record-durations"):
        config.pluginmanager.register(Durations(Path(file)), "durations")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hand out whole units, in the order above."""
    from xdist.scheduler import LoadScopeScheduling

    class UnitScheduling(LoadScopeScheduling):
        """A file at a time; a process begins another when its own is done."""

        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    return UnitScheduling(config, log)
