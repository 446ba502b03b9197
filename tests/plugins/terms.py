"""Tests say which promise they check, and the run records what came of it.

`@pytest.mark.clause("ERASE-1")` names one or more clauses; an id that no clause bears stops the run.  At the end
the outcomes are merged into the file that `python -m shared.terms` reads; `--terms-outcomes` names another file.

All tests of a clause are counted, whichever of them a run was asked for: what it left out is `not run`. A file that
no run has read yet stands there as one test.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.evidence import tree
from shared.terms import UnknownClauseError, clause, outcomes
from shared.terms.outcomes import FAILED, NOT_RUN, PASSED, Check

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        self.knows_all = True
        """Whether it is known what was left out of the files that were read."""

    def pytest_sessionstart(self, session):
        if not hasattr(session.config, "workerinput"):
            self.tested = tree.digest(tree.manifest(self.root))
        self.knows_all = not getattr(session.config.option, "numprocesses", None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        """A process that ran some of the tests has ended: it says which there were."""
        if error is not None:
            return
        for test, names in node.workeroutput.get(PROPERTY, {}).items():
            self.clauses_of.setdefault(test, tuple(names))
            self.knows_all = True

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
        config = session.config
        if hasattr(config, "workerinput"):
            config.workeroutput[PROPERTY] = {test: list(names) for test, names in self.clauses_of.items()}
            return
        if config.option.collectonly or not self.clauses_of:
            return
        # What was changed during the run was not tested as a whole.
        tested = self.tested if tree.digest(tree.manifest(self.root)) == self.tested else ""
        latest: dict[str, set[Check]] = {}
        for test, names in self.clauses_of.items():
            for name in names:
                latest.setdefault(name, set()).add(Check(test, self.outcome_of.get(test, NOT_RUN), tested))
        of_single_tests = any("::" in argument for argument in config.args) or getattr(config.option, "lf", False)
        whole_files = self.knows_all and not of_single_tests
        earlier = outcomes.read(self.path)
        read = {
            check.file
            for known in (earlier, latest if whole_files else {})
            for each in known.values()
            for check in each
        }
        for file in sorted(test_files(config) - read):
            for name in clauses_in(self.root / file):
                latest.setdefault(name, set()).add(Check(file, NOT_RUN, tested))
        merged = outcomes.merge(earlier, latest, root=self.root, whole_files=whole_files)
        outcomes.write(merged, self.path)


def named_clauses(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the clauses a test checks; an unknown one is an error of the whole run."""
    names = [name for mark in item.iter_markers("clause") for name in (mark.args or ("",))]
    try:
        return tuple(dict.fromkeys(clause(name).id for name in names))
    except UnknownClauseError as error:
        raise pytest.UsageError(f"{item.nodeid}: {error}") from None


def test_files(config: pytest.Config) -> set[str]:
    """Return the files of tests below the root, as they stand in the ids of tests."""
    tops = [config.rootpath / top for top in config.getini("testpaths") or ["."]]
    return {path.relative_to(config.rootpath).as_posix() for top in tops for path in top.rglob("test_*.py")}


def clauses_in(file: Path) -> set[str]:
    """Return the ids of the clauses that a file's markers name, without running any of it."""
    text = file.read_text(encoding="utf-8")
    return set(_marked(ast.parse(text))) if "mark.clause(" in text else set()


def _marked(module: ast.Module) -> Iterator[str]:
    for each in ast.walk(module):
        if isinstance(each, ast.Call) and ast.unparse(each.func).endswith("mark.clause"):
            yield from (clause(one.value).id for one in each.args if isinstance(one, ast.Constant))


@pytest.fixture(autouse=True, scope="session")
def nothing_recorded_yet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What other tests said, before or beside this run, does not decide what a test sees of the promises."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(outcomes, "OUTCOMES_FILE", tmp_path_factory.mktemp("terms") / "outcomes.json")
        yield


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
