"""Tests say which promise they check, and the run records what came of it.

`@pytest.mark.clause("ERASE-1")` names one or more clauses; an id that no clause bears stops the run.  At the end
the outcomes are merged into the file that `python -m shared.terms` reads; `--terms-outcomes` names another file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.evidence import tree
from shared.terms import UnknownClauseError, clause, outcomes
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check

if TYPE_CHECKING:
    from shared.terms import Clause


def checked_by(*clauses: Clause | str) -> pytest.MarkDecorator:
    """Return the marker of a test that checks these clauses, given as objects or ids."""
    return pytest.mark.clause(*(each if isinstance(each, str) else each.id for each in clauses))


PROPERTY = "clauses"


class Recorder:
    """Collects, for every check of the run, the clauses it names and how it ended."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.root = root
        self.clauses_of: dict[str, tuple[str, ...]] = {}
        self.outcome_of: dict[str, str] = {}
        self.tested = ""

    def pytest_sessionstart(self, session):
        if not hasattr(session.config, "workerinput"):
            self.tested = tree.digest(tree.manifest(self.root))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        # Around all others: tests that a later option deselects are still known as checks.
        for item in items:
            if names := named_clauses(item):
                self.clauses_of[item.nodeid] = names
                self.outcome_of[item.nodeid] = NOT_RUN
                # Travels with the report, so that the process that runs others' tests knows it too.
                item.user_properties.append((PROPERTY, " ".join(names)))
        return (yield)

    def pytest_runtest_logreport(self, report):
        named = dict(report.user_properties).get(PROPERTY)
        if named is None:
            return
        self.clauses_of[report.nodeid] = tuple(named.split())
        if report.failed:
            self.outcome_of[report.nodeid] = FAILED
        elif report.when == "call" and report.passed:
            self.outcome_of[report.nodeid] = PASSED

    def pytest_sessionfinish(self, session):
        is_worker = hasattr(session.config, "workerinput")
        if is_worker or session.config.option.collectonly or not self.clauses_of:
            return
        # What was changed during the run was not tested as a whole.
        tested = self.tested if tree.digest(tree.manifest(self.root)) == self.tested else ""
        latest: dict[str, set[Check]] = {}
        for test, names in self.clauses_of.items():
            for name in names:
                latest.setdefault(name, set()).add(Check(test, self.outcome_of.get(test, NOT_RUN), tested))
        whole_files = not any("::" in argument for argument in session.config.args)
        earlier = outcomes.read(self.path)
        merged = outcomes.merge(earlier, latest, root=self.root, whole_files=whole_files)
        outcomes.write(merged, self.path)


def named_clauses(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the clauses a test checks; an unknown one is an error of the whole run."""
    names = [name for mark in item.iter_markers("clause") for name in (mark.args or ("",))]
    try:
        return tuple(dict.fromkeys(clause(name).id for name in names))
    except UnknownClauseError as error:
        raise pytest.UsageError(f"{item.nodeid}: {error}") from None


def pytest_addoption(parser):
    parser.addoption(
        "--terms-outcomes",
        type=Path,
        default=outcomes.OUTCOMES_FILE,
        help="where the outcomes of the checks of clauses are recorded",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "clause(id, ...): the promises this test checks, such as ERASE-1")
    config.pluginmanager.register(Recorder(config.getoption("--terms-outcomes"), config.rootpath), "terms-recorder")
