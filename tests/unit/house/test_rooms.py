"""Every service has the same rooms and no others; names say what is inside."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
KEEPING = ("account", "retention", "notification", "billing_sync", "audit")
ROOMS = {
    "README.md",
    "__init__.py",
    "__main__.py",
    "events.py",
    "rules.py",
    "store.py",
    "queries.sql",
} | {
    "service.py",
    "migrations",
    "replay.py",
    "replay.sql",
}
OWN_ROOMS = {
    "account": {
        "access_store.py",
        "addresses.py",
        "answers.py",
        "business_register.py",
        "calls.py",
        "common_passwords.py",
        "contract.py",
        "data",
        "confirming.py",
        "entry.py",
        "erasing.py",
        "kinds.py",
        "letter_rules.py",
        "links.py",
        "login.py",
        "name_rules.py",
        "notice_store.py",
        "password_rules.py",
        "passwords.py",
        "resealing.py",
        "restricting.py",
        "returning.py",
        "sealing.py",
        "sign_up.py",
        "staff_decisions.py",
        "staff_store.py",
        "suspicion_rules.py",
        "termination.py",
        "terms_texts.py",
        "values.py",
    },
    "retention": {
        "alarms.py",
        "archive.py",
        "calls.py",
        "certificate.py",
        "dry_runs.py",
        "dry_runs.sql",
        "dry_runs_store.py",
        "early.py",
        "early.sql",
        "early_course.py",
        "early_replay.py",
        "early_rules.py",
        "early_values.py",
        "early_store.py",
        "facts.py",
        "holds.py",
        "holds.sql",
        "holds_replay.py",
        "holds_rules.py",
        "holds_values.py",
        "holds_store.py",
        "holds_told.py",
        "ledger_writing.py",
        "orphans.py",
        "process.py",
        "restrictions.py",
        "telling.py",
        "upkeep.py",
        "values.py",
    },
    "notification": {
        "calls.py",
        "figures.py",
        "person_tasks.py",
        "course.py",
        "inquiry.py",
        "letters",
        "letters.py",
        "mailgun.py",
        "mailgun_events.py",
        "mailings.py",
        "restricting.py",
        "sender.py",
        "values.py",
        "webhooks.py",
    },
    "billing_sync": {
        "calls.py",
        "values.py",
        "minimising.py",
        "restricting.py",
        "tripletex.py",
        "tripletex_answers.py",
    },
    "audit": {
        "alarms.py",
        "calls.py",
        "chain.py",
        "checkpoints.py",
        "forgetting.py",
        "logins.py",
        "reader.py",
        "resealing.py",
        "restricting.py",
        "values.py",
        "verify.py",
    },
}
BANNED_NAMES = re.compile(r"(utils?|helpers?|common|misc|models|views|base)\.py")
WORKPLACE = re.compile(
    r"/work/|/root/|\.library/|pypi\.org|files\.pythonhosted|deb\.debian\.org|registry\.npmjs", re.IGNORECASE
)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert files, f"a guard that watches nothing: {patterns}"
    return [path for path in files if path.exists()]


@pytest.mark.parametrize("service", KEEPING)
def test_every_service_has_the_same_rooms_and_no_others(service: str) -> None:
    folder = ROOT / "services" / service
    present = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    assert present >= ROOMS, f"missing: {sorted(ROOMS - present)}"
    assert present <= ROOMS | OWN_ROOMS[service], f"not a room: {sorted(present - ROOMS - OWN_ROOMS[service])}"


def test_no_file_has_a_name_that_cannot_refuse_anything() -> None:
    assert [path.name for path in tracked("*.py") if BANNED_NAMES.fullmatch(path.name)] == []


def test_readme_of_each_service_fits_one_screen() -> None:
    long = [p for p in tracked("services/*/README.md") if len(p.read_text(encoding="utf-8").splitlines()) > 60]
    assert long == []


@pytest.mark.parametrize("service", KEEPING)
def test_readme_of_each_service_names_its_tables(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    tables: set[str] = set()
    for path in sorted((ROOT / "services" / service / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        tables = (tables | set(re.findall(r"CREATE TABLE (\w+)", text))) - set(
            re.findall(r"DROP TABLE (\w+)", text)
        )
    assert tables
    assert sorted(table for table in tables if not re.search(rf"\b{table}\b", page)) == []


def test_every_shared_room_but_the_bus_is_kept_from_the_bus_libraries() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    guarded = set(settings["importlinter:contract:nameko"]["source_modules"].split())
    rooms = {
        f"shared.{path.relative_to(ROOT / 'shared').parts[0].removesuffix('.py')}"
        for path in tracked("shared/*.py")
    }
    assert rooms - guarded == {"shared.__init__", "shared.bus"}


def test_the_project_speaks_of_itself_alone() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".png"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in WORKPLACE.finditer(text)]
    assert found == []


def test_only_the_clock_reads_a_clock() -> None:
    allowed = {ROOT / "shared/clock.py"}
    found = []
    for path in tracked("shared/*.py", "services/*.py"):
        if path in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"utcnow", "today"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"datetime.now", "time.time"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


OF_OLDER_PROCESSES = re.compile(r"SET DEFAULT now\(\)")
"""Processes from before an upgrade do not name an instant that they know nothing of."""


def test_sql_takes_the_instant_as_a_parameter() -> None:
    clocks = re.compile(
        r"\b(now|clock_timestamp|statement_timestamp|localtimestamp)\s*\(|\bcurrent_(timestamp|date)\b",
        re.IGNORECASE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in tracked("services/*.sql", "shared/*.sql")
        for hit in clocks.finditer(
            OF_OLDER_PROCESSES.sub("", re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
        )
    ]
    assert found == []


def test_nobody_imports_a_mock() -> None:
    assert [
        p for p in tracked("*.py") if p != Path(__file__) and "unittest.mock" in p.read_text(encoding="utf-8")
    ] == []
