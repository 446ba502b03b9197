"""`make test` says what it is doing and about how long is left: pytest --progress.

A line every few seconds instead of a dot a test, and one for each that fails. The rest is estimated from
`tests/durations.json` and from how fast this machine has been so far. With --junitxml=NAME.xml the seconds left are
also kept in NAME.left, for whoever has something to do beside the last of the tests.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.plugins.parallel import expected_seconds, known_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY_SECONDS: Final = 15.0
LEAST_DONE: Final = 0.03
"""Of the whole; before that an estimate would be a guess."""


def spell(seconds: float) -> str:
    """Return a duration as people say it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def left(gone: float, done: float, whole: float) -> float | None:
    """Return how many seconds are left after `gone`, with `done` of the `whole` expected work; None: too early."""
    if whole <= 0 or done / whole < LEAST_DONE:
        return None
    return gone * (whole - done) / done


class Progress:
    """Counts what has ended, weighs it by what it was expected to take, and tells from time to time."""

    def __init__(
        self, reporter: pytest.TerminalReporter, known: Mapping[str, float], outcomes: str | None = None
    ) -> None:
        """`outcomes` is the file that the outcomes will be in."""
        self.reporter = reporter
        self.left_file = Path(outcomes).with_suffix(".left") if outcomes else None
        self.known = known
        self.begun = self.told = time.monotonic()
        self.tests_of: Counter[str] = Counter()
        self.ended_of: Counter[str] = Counter()
        self.failed = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Of what passes nothing is written but the line that counts it."""
        return ("passed", "", "PASSED") if report.passed and report.when == "call" else None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        if not self.tests_of:
            self.expect(ids)

    def expect(self, nodeids: list[str]) -> None:
        """Take note of what is going to run."""
        self.tests_of = Counter(_file(each) for each in nodeids)
        self.begun = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed += 1
            self.reporter.write_line(f"FAILED {report.nodeid} ({report.when})")
        if report.when in ("setup", "call"):  # after both comes a teardown, or a word that the process has died
            return
        self.ended_of[_file(report.nodeid)] += 1
        now = time.monotonic()
        if now - self.told >= EVERY_SECONDS:
            self.told = now
            self.reporter.write_line(self.line(now, _file(report.nodeid)))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write beside the outcomes how many tests a run that was cut short has left out."""
        outcomes = session.config.getoption("xmlpath")
        missing = self.tests_of.total() - self.ended_of.total()
        if outcomes and missing:
            Path(outcomes).with_suffix(".missing").write_text(f"{missing}\n")

    def line(self, now: float, current: str) -> str:
        """Return one line for whoever waits."""
        whole = sum(self._expected(file, count, count) for file, count in self.tests_of.items())
        done = sum(self._expected(file, count, self.tests_of[file]) for file, count in self.ended_of.items())
        remaining = left(now - self.begun, done, whole)
        if self.left_file and remaining is not None:
            draft = self.left_file.with_suffix(".left.draft")
            draft.write_text(f"{remaining:.0f}\n")
            draft.replace(self.left_file)  # whoever looks at this moment reads a whole number
        estimate = "" if remaining is None else f", about {spell(remaining)} left"
        failed = f", {self.failed} failed" if self.failed else ""
        tests = f"{self.ended_of.total()} of {self.tests_of.total()} tests"
        return f"{tests}{failed}, {spell(now - self.begun)} gone{estimate}; now {current}"

    def _expected(self, file: str, count: int, of: int) -> float:
        return expected_seconds(file, self.known) * count / max(of, 1)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--progress", action="store_true", help="tell every few seconds how far it is")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if config.getoption("--progress") and reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(reporter, known_seconds(), config.getoption("xmlpath")), "progress")
