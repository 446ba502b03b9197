"""Every command that a page for operators names exists."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.desk.queries import backups
from services.desk.wording.words import ALARMS
from services.notification.duty_alerts.hook import ID_HEADER, SIGNATURE_HEADER, TIME_HEADER
from services.notification.duty_alerts.rules import SIGNATURE_VERSION, hook_body
from services.notification.duty_alerts.values import DutyAlert, Way
from shared.identifiers import new_id
from shared.system import DATABASES, wire_name
from tests.command_tree import commands, program
from tests.unit.house.test_rooms import tracked

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
PAGES = [*sorted((ROOT / "docs/runbooks").glob("*.md")), ROOT / "docs/operations.md", ROOT / "docs/keys.md"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
TEXT = {page.name: page.read_text(encoding="utf-8") for page in PAGES}


def code(page: str) -> list[str]:
    """What stands in code, line by line."""
    fenced = re.findall(r"^\s*```\n(.*?)^\s*```$", TEXT[page], re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^\s*```\n.*?^\s*```$", "", TEXT[page], flags=re.MULTILINE | re.DOTALL)
    return [*(line.strip() for block in fenced for line in block.splitlines()), *re.findall(r"`([^`]+)`", rest)]


@pytest.mark.parametrize("page", TEXT)
def test_every_make_verb_exists(page: str) -> None:
    verbs = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    named = {found for line in code(page) for found in re.findall(r"\bmake ([a-z-]+)", line)}
    assert sorted(named - verbs) == []


@pytest.mark.parametrize("page", TEXT)
def test_every_command_of_the_desk_exists(page: str) -> None:
    known = {path[:length] for path in commands() for length in (1, 2)}
    for line in code(page):
        for words in re.findall(r"\bvilkar ([a-z-]+(?: [a-z-]+)?)", line):
            first, _, second = words.partition(" ")
            assert (first,) in known or (first, second) in known, f"{page}: vilkar {words}"


@pytest.mark.parametrize("page", TEXT)
def test_every_option_of_a_command_exists(page: str) -> None:
    desk = program()
    for line in code(page):
        for first, second, rest in re.findall(r"\bvilkar ([a-z-]+)(?: ([a-z-]+))?([^|;&]*)", line):
            group = below(desk, first)
            command = below(group, second) or group
            known = {name for each in getattr(command, "params", ()) for name in each.opts}
            assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known, f"{page}: {line}"


def below(command: Any, name: str) -> Any:
    """The command or group of this name in a group; None where there is none."""
    return getattr(command, "commands", {}).get(name)


@pytest.mark.parametrize("page", TEXT)
def test_every_figure_that_is_named_exists(page: str) -> None:
    named = {name for line in code(page) for name in re.findall(r"\bvilkar_(?!metrics\b)[a-z_]+", line)}
    source = "".join(path.read_text(encoding="utf-8") for path in tracked("shared/*.py", "deploy/backup/*.py"))
    assert sorted(name for name in named if not re.search(rf"[\"']{name}\b", source)) == []


def test_the_page_of_operations_says_what_to_do_about_every_trouble_with_backups() -> None:
    assert sorted(code for code in backups.REASONS if f"\n| `{code}` |" not in TEXT["operations.md"]) == []


def test_the_page_of_databases_names_each_of_them() -> None:
    named = re.search(r"^Databases: ([a-z_, \n]+)\.", TEXT["databases.md"], re.MULTILINE)
    assert named
    assert set(re.split(r",\s+", named[1])) == set(DATABASES)


def test_the_page_of_figures_names_every_service() -> None:
    rows = re.findall(r"^\| ([a-z, -]+) \| 8090 \|", TEXT["metrics.md"], re.MULTILINE)
    named = {each for row in rows for each in row.split(", ")}
    assert {wire_name(name) for name in DATABASES} - named == set()


def test_the_page_of_breaches_says_what_to_do_about_each_of_its_alarms() -> None:
    alarms = {name for name in ALARMS if name.startswith(("duty_", "leads_", "breach_", "mandates_"))}
    assert alarms, "a guard that watches nothing"
    assert sorted(name for name in alarms if f"`{name}`" not in TEXT["breach.md"]) == []


def test_operators_are_told_how_a_call_to_their_hook_looks() -> None:
    alert = DutyAlert(
        alert_id=new_id(), way=Way.HOOK, case_id=new_id(), staff_code="kari", kind="incident", cause="opened",
        level="on_duty", rule=None, due_at=None, others=0, correlation_id=new_id(), attempts=1, claim_id=None,
        requested_at=datetime(2026, 12, 1, tzinfo=UTC),
    )  # fmt: skip
    fields = json.loads(hook_body(alert, "https://desk.example"))
    named = (ID_HEADER, TIME_HEADER, SIGNATURE_HEADER, f"{SIGNATURE_VERSION}=", *fields)
    assert [name for name in named if f"`{name}`" not in TEXT["operations.md"]] == []


def test_the_page_of_the_whole_names_every_service() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert [name for name in DATABASES if f"`{wire_name(name)}`" not in page] == []


def test_the_page_of_the_desk_names_every_command() -> None:
    fenced = re.search(r"```\n(.*?)```", (ROOT / "services/desk/README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert fenced
    lines = re.findall(r"vilkar ([a-z-]+)(.*?)(?=vilkar |\n)", fenced[1])
    named = {group: set() for group, _ in lines}
    for group, rest in lines:
        named[group] |= set(re.findall(r"[a-z-]+", rest))
    assert [" ".join(path) for path in commands() if not {*path[1:]} <= named.get(path[0], set())] == []
    assert set(named) == {path[0] for path in commands()}


@pytest.mark.parametrize("page", TEXT)
def test_every_container_that_is_named_exists(page: str) -> None:
    verbs = r"docker compose (?:--profile [a-z]+ )?(?:run|exec|stop|start|restart|logs|up|pull)"
    pattern = verbs + r"((?: --?[a-zA-Z-]+)*)((?: [a-z][a-z-]*)+)"
    for line in code(page):
        for _, words in re.findall(pattern, line):
            first = words.split()[0]
            assert first in COMPOSE["services"], f"{page}: docker compose … {first}"


def test_the_pages_are_listed_and_name_commands_at_all() -> None:
    listed = set(re.findall(r"\]\(([a-z-]+\.md)\)", TEXT["README.md"]))
    assert listed == {page.name for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README.md"}
    assert all(any(re.search(r"make [a-z]|docker ", line) for line in code(name)) for name in listed)
