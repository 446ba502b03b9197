"""What is written is used, and what is named exists: queries, settings, commands, verbs, links."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from shared.database.queries import load_queries
from shared.system import DATABASES
from tests.command_tree import program
from tests.unit.house.test_rooms import ROOT, tracked

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit

FUNCTION_LINES = 70
CODE = ("shared/*.py", "services/*.py", "deploy/*.py", "sandbox/*.py")
SETTING = re.compile(r"\bVILKAR_[A-Z_]*[A-Z]\b")
QUOTED_COMMAND = re.compile(r"`vilkar ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")
QUOTED_VERB = re.compile(r"`make ([a-z][a-z-]*)")
VERB = re.compile(r"^([a-z0-9-]+):", re.MULTILINE)


def text_of(*patterns: str) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in tracked(*patterns)}


def settings_in(text: str) -> set[str]:
    return set(SETTING.findall(text))


@pytest.mark.parametrize(
    "path",
    [path for path in tracked("*.sql") if "migrations" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_query_is_asked_by_the_room_it_lies_in(path: Path) -> None:
    room = "\n".join(each.read_text(encoding="utf-8") for each in path.parent.glob("*.py"))
    asked = set(re.findall(r"\b_?[A-Z][A-Z_]*\.([a-z][a-z0-9_]*)\b", room))
    assert [name for name in load_queries(path, path.name).names() if name not in asked] == []


def test_every_setting_is_told_where_settings_are_looked_for() -> None:
    places = (*CODE, "docker-compose.yml", ".ci/run")
    read = {name for text in text_of(*places).values() for name in settings_in(text)}
    told = settings_in((ROOT / "deploy/README.md").read_text(encoding="utf-8"))
    told |= {f"VILKAR_{database.upper()}_REPLICAS" for database in DATABASES}  # one stands there for all
    assert read - told == set(), "not in deploy/README.md"
    assert told - read - {"VILKAR_TEST_INFRASTRUCTURE", "VILKAR_RUN_DIR"} == set(), "nobody reads it"


def test_every_command_that_is_named_exists() -> None:
    found = []
    for path, text in text_of("*.md", *CODE).items():
        for match in QUOTED_COMMAND.finditer(text):
            at = program()
            for word in match[1].split():
                commands = getattr(at, "commands", None)
                if commands is None:
                    break
                if word not in commands:
                    found.append(f"{path.relative_to(ROOT)}: vilkar {match[1]}")
                    break
                at = commands[word]
    assert found == []


def test_every_verb_that_is_named_exists() -> None:
    verbs = set(VERB.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    named = {
        (str(path.relative_to(ROOT)), verb)
        for path, text in text_of("*.md", *CODE).items()
        for verb in QUOTED_VERB.findall(text)
    }
    assert len(named) > 10
    assert sorted(where for where in named if where[1] not in verbs) == []


def test_every_verb_that_acts_on_what_runs_has_both_ways_of_running() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(VERB.findall(makefile))
    by_mode = set(re.findall(r"\$\(MAKE\) ([a-z-]+)-\$\(MODE\)", makefile))
    assert len(by_mode) > 5
    assert sorted(by_mode) == sorted(v for v in by_mode if {f"{v}-native", f"{v}-compose"} <= verbs)


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, text in text_of("*.py").items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]
    assert found == []


def test_links_between_documents_lead_somewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in text_of("*.md").items()
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert found == []


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    decisions = [path.name for path in tracked("docs/adr/0*.md")]
    assert [name for name in decisions if f"({name})" not in index] == []
    listed = re.findall(r"^\| \[(\d{4})\]\(\1-", index, re.MULTILINE)
    assert listed == sorted(listed), "a decision is found by its number"
    assert len(listed) == len(set(listed)) == len(decisions)
