"""`make restore-drill`: prove, on a system of the drill's own, that no backup brings anybody back.

Invented companies sign up, some leave. A backup is taken. Then those who left are erased, others object, are
restricted, held, or correct something. The backup of before is put back, first that of the databases, then that of
the keyring, and the system is started. Everything that had to stay as it was is counted. Nothing else that runs is
touched.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from deploy.drill.environment import Environment
from deploy.drill.erasure_check import Rediscovery, rediscover, tell
from deploy.drill.scenario import Numbers, Scenario
from deploy.drill.tally import Lost, count
from deploy.native import processes
from deploy.native.system import NativeSystem

FAULT = 1


class Report:
    """What is told while it goes on, and at the end."""

    def __init__(self, *, quiet: bool) -> None:
        """`quiet` tells the end only, as JSON."""
        self.quiet = quiet
        self.seconds: dict[str, float] = {}
        self.lost: dict[str, Lost] = {}
        self.gates: dict[str, dict[str, float]] = {}
        self.rediscovered: dict[str, Rediscovery] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step, with the time it took."""
        if not self.quiet:
            print(title, flush=True)
        begun = time.monotonic()
        yield
        self.seconds[title] = round(time.monotonic() - begun, 1)
        if not self.quiet:
            print(f"  {self.seconds[title]:.1f} s", flush=True)

    @property
    def holds(self) -> bool:
        """Whether nobody and nothing was lost, came back or was found."""
        nothing = all(vars(lost) == vars(Lost()) for lost in self.lost.values())
        return nothing and all(each.holds for each in self.rediscovered.values())

    def print(self, numbers: Numbers) -> None:
        """The result."""
        if self.quiet:
            lost_by_title = {title: vars(lost) for title, lost in self.lost.items()}
            search_results = {title: each.as_dict() for title, each in self.rediscovered.items()}
            figures = {
                "lost": lost_by_title,
                "gates": self.gates,
                "rediscovered": search_results,
                "seconds": self.seconds,
            }
            print(json.dumps({"numbers": vars(numbers), **figures}))
            return
        for title, lost in self.lost.items():
            gates = self.gates[title]
            slowest = max(gates, key=lambda name: gates[name])
            print(
                f"{title}: {lost.resurrected} resurrected, {lost.objections} objections lost, "
                f"{lost.restrictions} restrictions lost, {lost.holds} holds lost, {lost.corrections} corrections "
                f"unnoticed, {lost.keys} keys of erased companies usable, {lost.certificates} certificates lost"
            )
            print(f"  gates open after {gates[slowest]:.1f} s at most ({slowest}), from the start of the process")


def drill(numbers: Numbers, *, quiet: bool, keep: bool, search: bool) -> int:
    """Run the drill; the exit status is 0 when nobody and nothing was lost, came back or was found."""
    home = Path(tempfile.mkdtemp(prefix="vilkar-drill-"))
    report = Report(quiet=quiet)
    native = NativeSystem(
        home,
        lambda _: None,
        settings=Environment.SETTINGS,
        for_tests=True,
        owner=processes.identity_of(os.getpid()),
    )
    signal.signal(signal.SIGTERM, _told_to_end)
    try:
        _play(Environment(native, home), numbers, report, search=search)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # whoever says it twice still gets it cleared away
        if not keep:
            native.down(volumes=True)
            shutil.rmtree(home)
    report.print(numbers)
    return 0 if report.holds else FAULT


def _told_to_end(number: int, _frame: object) -> NoReturn:
    """Whoever runs it may end it by a signal, as `timeout` and `make` do: the system goes, as after Ctrl-C."""
    raise SystemExit(128 + number)


def _play(environment: Environment, numbers: Numbers, report: Report, *, search: bool) -> None:
    def look(title: str) -> None:
        if search:
            with report.step(f"everything is searched {title}: tables, queues, files, WAL, logs, backups"):
                found = report.rediscovered[title] = rediscover(environment, scenario)
            if not report.quiet:
                tell(title, found)

    with report.step("a system of its own is started"):
        environment.start()
    with environment.staff() as people:
        scenario = Scenario(environment, people, numbers)
        with report.step(f"{numbers.companies} companies sign up and confirm their address"):
            scenario.everybody_comes()
        with report.step(f"{numbers.erased} of them leave; the clock is moved to six days before their day"):
            scenario.some_leave()
        with report.step("a backup of the databases and one of the keyring are taken"):
            environment.take_backup()
        with report.step(
            f"{numbers.objecting} object, {numbers.restricted} are restricted, {numbers.held} held, "
            f"{numbers.correcting} correct something"
        ):
            scenario.others_have_rights()
        with report.step(f"the day comes: {numbers.erased} are erased"):
            scenario.the_day_comes()
    look("after the erasure")
    for title, which in (("databases", "data"), ("keyring", "keyring")):
        with report.step(f"the older backup of the {title} is put back, and the system is started"):
            report.gates[title] = environment.restore(which)
        report.lost[title] = count(environment, scenario)
    look("after both restores")


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drill", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--companies", type=int, default=100, help="how many there are in all")
    parser.add_argument("--erased", type=int, default=30, help="how many of them are erased after the backup")
    parser.add_argument(
        "--rediscover", action="store_true", help="search everything, raw files too, for what is left of anybody"
    )
    parser.add_argument("--json", action="store_true", help="print the result only, as JSON")
    parser.add_argument("--keep", action="store_true", help="leave the system running afterwards")
    options = parser.parse_args()
    rest = options.companies - options.erased
    if options.erased < 1 or rest < 10:  # noqa: PLR2004  # one of a kind at least
        parser.error("at least one company is erased and ten are not")
    return drill(
        Numbers.of(options.companies, options.erased),
        quiet=options.json,
        keep=options.keep,
        search=options.rediscover,
    )


if __name__ == "__main__":
    sys.exit(main())
