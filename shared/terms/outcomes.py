"""What the last tests of each clause said: the file between a test run and the list of promises."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.terms.clauses import clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OUTCOMES_FILE: Final = Path(__file__).resolve().parents[2] / ".run" / "terms-outcomes.json"

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_RUN: Final = "not run"
WORDS: Final = frozenset({PASSED, FAILED, NOT_RUN})

Outcomes = dict[str, tuple["Check", ...]]


class OutcomesError(ValueError):
    """The recorded outcomes cannot be read; run the tests again."""


@dataclass(frozen=True, slots=True, order=True)
class Check:
    """One test that checks a clause, by its id in the suite, what came of it, and of which files.

    `tree` is the digest of the files that were tested; empty where they changed during the run.
    """

    test: str
    outcome: str
    tree: str = ""

    @property
    def file(self) -> str:
        """The file the test stands in."""
        return self.test.partition("::")[0]


def to_json(outcomes: Mapping[str, Iterable[Check]]) -> str:
    """Return outcomes as JSON, in a stable order."""
    plain = {
        clause_id: [asdict(check) for check in sorted(set(outcomes[clause_id]))] for clause_id in sorted(outcomes)
    }
    return json.dumps(plain, indent=2) + "\n"


def from_json(text: str) -> Outcomes:
    """Return outcomes from JSON; raise `OutcomesError` for anything that this module did not write."""
    try:
        plain: Any = json.loads(text)
        return {
            clause(clause_id).id: tuple(sorted(_check(each) for each in checks))
            for clause_id, checks in plain.items()
        }
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise OutcomesError(f"the recorded outcomes make no sense: {error}") from error


def read(path: Path = OUTCOMES_FILE) -> Outcomes:
    """Return the outcomes recorded in a file; none when nothing was ever recorded."""
    return from_json(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(outcomes: Mapping[str, Iterable[Check]], path: Path = OUTCOMES_FILE) -> None:
    """Put outcomes in place of the recorded ones, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(to_json(outcomes), encoding="utf-8")
    draft.replace(path)


def merge(
    earlier: Mapping[str, Iterable[Check]],
    latest: Mapping[str, Iterable[Check]],
    *,
    root: Path,
    whole_files: bool = True,
) -> Outcomes:
    """Return the outcomes after a run that may have covered only some of the tests.

    A test that the run saw without running it keeps its earlier outcome.  A test it did not see is forgotten when
    its file is gone under `root`, or was seen without it (not so where the run was asked for single tests:
    `whole_files` false).
    """
    known = {(clause_id, check.test): check for clause_id, checks in earlier.items() for check in checks}
    seen = {check.test for checks in latest.values() for check in checks}
    seen_files = {check.file for checks in latest.values() for check in checks} if whole_files else set()

    def survives(check: Check) -> bool:
        return check.test not in seen and check.file not in seen_files and (root / check.file).is_file()

    merged: dict[str, set[Check]] = {}
    for clause_id, checks in earlier.items():
        merged.setdefault(clause_id, set()).update(filter(survives, checks))
    for clause_id, checks in latest.items():
        merged.setdefault(clause_id, set()).update(
            check if check.outcome != NOT_RUN else known.get((clause_id, check.test), check) for check in checks
        )
    return {clause_id: tuple(sorted(checks)) for clause_id, checks in sorted(merged.items()) if checks}


def of_tree(outcomes: Mapping[str, Iterable[Check]], tree: str) -> Outcomes:
    """Return what was said of exactly these files; a test whose outcome is of others was not run on them."""
    return {
        clause_id: tuple(
            check if tree and check.tree == tree else Check(check.test, NOT_RUN, tree) for check in checks
        )
        for clause_id, checks in outcomes.items()
    }


def together(*several: Mapping[str, Iterable[Check]]) -> Outcomes:
    """Return several runs on the same files as one: what failed in one of them has failed."""
    rank = {FAILED: 0, PASSED: 1, NOT_RUN: 2}
    by_clause: dict[str, dict[str, Check]] = {}
    for outcomes in several:
        for clause_id, checks in outcomes.items():
            of_clause = by_clause.setdefault(clause_id, {})
            for check in checks:
                known = of_clause.setdefault(check.test, check)
                of_clause[check.test] = min(known, check, key=lambda each: rank[each.outcome])
    return {clause_id: tuple(sorted(checks.values())) for clause_id, checks in sorted(by_clause.items())}


def _check(plain: dict[str, str]) -> Check:
    if plain["outcome"] not in WORDS:
        raise ValueError(f"{plain['outcome']!r} is no outcome")
    return Check(plain["test"], plain["outcome"], plain.get("tree", ""))
