"""Breaks a rule of each clause on purpose, and says which of the clause's quick tests notices.

    python -m tests.mutants OUT.json

A rule is broken in place: its code is exchanged, so whoever holds it meets the broken one, however it was
imported. How, follows from what it returns: nothing is refused, the opposite is said, a date is a day later,
nothing is found. One test that fails is enough, and it must pass again once the rule is mended. Hypothesis looks
for no smaller example.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from _pytest.runner import runtestprotocol

from shared.errors import Refused
from shared.terms.enforcement import enforced

ROOT = Path(__file__).resolve().parents[1]
BROKEN = "_broken_rule"

MUTANTS = {
    "ACCEPT-1": "check_new_agreement",
    "BACKUP-1": "due_at",
    "BACKUP-2": "proving_due_at",
    "BREACH-1": "engine.rules.is_late",
    "CONFIDE-1": "bounce_ends_at",
    "COST-1": "counting",
    "DPA-1": "check_agreement",
    "DUTY-1": "check_agreement",
    "EGRESS-1": "plain_name",
    "END-1": "check_withdrawal",
    "ERASE-1": "due_date",
    "ERASE-2": "due_date",
    "ERASE-3": "begin",
    "ERASE-4": "check",
    "ERASE-5": "archive_until",
    "FIELDS-2": "check_users_differ",
    "FIELDS-3": "address_fields",
    "FORGET-1": "expiring",
    "FORGET-2": "check_body",
    "HOLD-1": "is_suspended",
    "HOLD-2": "is_overdue",
    "INCIDENT-1": "check_version",
    "INPUT-1": "identity_numbers",
    "ISOLATE-1": "may_see",
    "LIFE-1": "checkpoint_due",
    "LINK-1": "require_active",
    "DISPUTE-1": "check_ending",
    "LOGIN-1": "login_event",
    "MAIL-1": "reason_not_to_send",
    "MAIL-2": "check_received",
    "MAIL-3": "assert_mailgun_may_carry",
    "MAIL-4": "can_be_declined",
    "NOTICE-1": "is_valid",
    "NOTICE-2": "check_security_draft",
    "NOTICE-3": "check_security_draft",
    "PARTY-2": "bookkeeping_until",
    "PARTY-3": "minimised_fields",
    "PARTY-5": "assert_mailgun_may_carry",
    "RIGHTS-1": "check_disclosure",
    "RIGHTS-2": "copy_due_on",
    "RIGHTS-3": "difference",
    "RIGHTS-4": "is_suspended",
    "RIGHTS-5": "letter_of",
    "RIGHTS-6": "check_received",
    "RIGHTS-7": "recipients_of",
    "SCAN-1": "name_closed_until",
    "SCOPE-1": "category_of",
    "STAFF-1": "disclosure",
    "STAFF-2": "check_prerequisites",
    "SUPPORT-1": "check_writer",
    "SUSPECT-1": "register_outcome",
    "SUSPECT-2": "check_staff_deactivation",
    "WATCH-1": "name_closed_until",
    "WATCH-2": "check_disclosure",
    "WATCH-3": "join_keys",
    "WATCH-4": "login_expiry",
}
"""The rule that is broken of each clause that has one: the name of its function, with its module in need."""

Rule = Callable[..., Any]


def rule_of(clause_id: str) -> types.FunctionType:
    """The rule that is broken for a clause. Raises `LookupError` where the clause has none of that name, or two."""
    name = MUTANTS[clause_id]
    (found,) = [each for each in enforced()[clause_id].rules if each.endswith(f".{name}")] or [None]
    if found is None:
        raise LookupError(f"{clause_id} has no rule {name}")
    module, _, function = found.rpartition(".")
    rule = getattr(importlib.import_module(module), function)
    assert isinstance(rule, types.FunctionType)
    return rule


@contextmanager
def broken(rule: types.FunctionType) -> Iterator[None]:
    """Exchange the rule's code by code that answers wrongly, and put the right one back."""
    code, positional, by_name = rule.__code__, rule.__defaults__, rule.__kwdefaults__
    right = types.FunctionType(code, rule.__globals__, rule.__name__, positional, rule.__closure__)
    right.__kwdefaults__ = by_name
    wrong = wrongly(right, get_type_hints(rule).get("return", type(None)))

    def answer(*args: Any, **kwargs: Any) -> Any:
        return _broken_rule(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821

    rule.__globals__[BROKEN] = wrong
    rule.__code__, rule.__defaults__, rule.__kwdefaults__ = answer.__code__, None, None
    try:
        yield
    finally:
        rule.__code__, rule.__defaults__, rule.__kwdefaults__ = code, positional, by_name
        del rule.__globals__[BROKEN]


def wrongly(right: Rule, returns: Any) -> Rule:
    """A rule that answers otherwise than this one, and refuses nothing."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        if returns is type(None):
            return None  # nothing is refused
        try:
            answer = right(*args, **kwargs)
        except Refused:
            return None
        return None if type(None) in getattr(returns, "__args__", ()) else _another(answer)

    return wrong


def _another(answer: Any) -> Any:
    match answer:
        case Enum():
            return next(each for each in type(answer) if each is not answer)
        case bool():
            return not answer
        case date():
            return answer + timedelta(days=1)
        case str():
            return f"{answer}."
        case Collection():
            return type(answer)()
        case _:
            raise TypeError(f"nobody knows what else a rule may answer than {type(answer).__name__}")


class Breaking:
    """Runs, for each clause with its rule broken, the clause's quick tests until one fails."""

    def __init__(self) -> None:
        self.tests: dict[str, list[pytest.Item]] = {}
        self.found: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        from hypothesis import Phase, settings  # after pytest, which rewrites its assertions

        quick = [Phase.explicit, Phase.generate]
        settings.register_profile("broken", parent=settings.default, max_examples=25, phases=quick, database=None)
        settings.load_profile("broken")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for name in {name for mark in item.iter_markers("clause") for name in mark.args}:
                self.tests.setdefault(name, []).append(item)

    def pytest_runtestloop(self) -> bool:
        for clause_id in MUTANTS:
            rule = rule_of(clause_id)
            tests = sorted(self.tests.get(clause_id, ()), key=_by_cost)
            with broken(rule):
                red = next((each for each in tests if not passes(each)), None)
            self.found[clause_id] = {
                "rule": f"{rule.__module__}.{rule.__name__}",
                "tests": len(tests),
                "red": red and red.nodeid,
                "green_again": red is not None and passes(red),
            }
        return True


def _by_cost(item: pytest.Item) -> tuple[bool, bool]:
    """Examples before properties, and the plain tests of the promises first."""
    return hasattr(getattr(item, "obj", None), "hypothesis"), not item.nodeid.startswith("tests/terms")


def passes(item: pytest.Item) -> bool:
    """Whether a test passes now."""
    return all(report.passed for report in runtestprotocol(item, nextitem=None, log=False))


def quick_files() -> list[str]:
    """The files of tests that need nothing but this process and name a clause."""
    folders = (ROOT / "tests/unit", ROOT / "tests/terms")
    return [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in sorted(folder.rglob("test_*.py"))
        if "mark.clause(" in path.read_text(encoding="utf-8")
    ]


def main(out: Path) -> int:
    """Write what was found of each clause; 0 where tests were run."""
    breaking = Breaking()
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "unit or terms"]
    options += [f"--rootdir={ROOT}", f"--terms-outcomes={out}.outcomes"]
    code = pytest.main([*options, *quick_files()], plugins=[breaking])
    out.write_text(json.dumps(breaking.found), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
