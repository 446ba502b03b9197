"""`make new-service` on a copy of this tree: what it makes is whole, and nothing else has to be written by hand."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from shared.database.migrate import ROOT

pytestmark = pytest.mark.integration

NAME, FOLDER = "loan-book", "loan_book"
LIMIT_SECONDS = 900.0
OF_THE_SYSTEM = (
    "tests/unit/house/test_system.py",
    "tests/unit/house/test_rooms.py",
    "tests/unit/house/test_nothing_unused.py",
    "tests/unit/deploy/test_compose_file.py",
    "tests/unit/deploy/test_rabbitmq.py",
    "tests/unit/security/test_security_page.py",
    "tests/unit/audit/test_audit_rules.py",
    "tests/contract/events",
)
WITHOUT_OTHER_EVENTS = f"not contract or {FOLDER} or every_event or all_events"
"""Of what is examined event by event, those of the new service."""


def run(tree: Path, *words: str) -> str:
    """What a command in the copy says; it must succeed."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        words, cwd=tree, env=env, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def python(tree: Path, *words: str) -> str:
    return run(tree, sys.executable, "-m", *words)


def copy_what_is_known(copy: Path) -> None:
    """What is the same as here need not be compiled, nor its types looked at, once more."""
    for folder in {file.parent for file in copy.rglob("*.py")}:
        compiled = folder.relative_to(copy) / "__pycache__"
        if (ROOT / compiled).is_dir():
            shutil.copytree(ROOT / compiled, copy / compiled)
    for shard in (ROOT / ".mypy_cache").rglob("*.db"):  # which may be written just now
        there = copy / shard.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(shard)) as ours, closing(sqlite3.connect(there)) as theirs:
            ours.backup(theirs)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what is tracked here or will be, with a new service in it."""
    copy = tmp_path_factory.mktemp("tree")
    listed = run(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    copy_what_is_known(copy)
    run(copy, "git", "init", "--quiet")
    python(copy, "deploy.new_service", NAME)
    python(copy, "ruff", "format", "--quiet", ".")
    python(copy, "deploy.generate")
    run(copy, "git", "add", "--all")
    return copy


def test_the_checks_of_style_types_and_generated_files_pass(tree):
    python(tree, "deploy.generate", "--check")
    python(tree, "ruff", "check", "--no-cache", ".")
    python(tree, "mypy", f"services/{FOLDER}", "shared/system.py")


def test_its_own_tests_pass_which_start_it_and_so_do_those_of_the_whole_system(tree):
    own = (f"tests/unit/{FOLDER}", f"tests/integration/{FOLDER}")
    said = python(tree, "pytest", "-q", "-p", "no:cacheprovider", *own, *OF_THE_SYSTEM, "-k", WITHOUT_OTHER_EVENTS)
    assert " passed" in said
    assert "failed" not in said


def test_it_has_all_that_a_service_has_and_may_ask_nobody(tree):
    expected = {
        "docker-compose.yml": f"  {NAME}:\n",
        "deploy/prometheus.yml": f", {NAME}, ",
        "deploy/upgrade_compose.sh": f" {NAME} relay",
        "deploy/provision/calls.json": f'"{NAME}": {{}}',
        "deploy/rabbitmq/definitions.json": f'"rpc-{NAME}"',
        "docs/rpc.md": f"`{NAME}.add_entry`",
        "docs/events.md": f"`{FOLDER}.entry_added`",
        "docs/data-map.md": f"## {FOLDER}\n",
    }
    assert [path for path, words in expected.items() if words not in (tree / path).read_text()] == []
