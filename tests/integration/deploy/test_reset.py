"""`make reset` names what goes and asks; in production the name of the system must be typed or given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from deploy.native import plan, system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder of a system that ran once, in production, and does not run now."""
    home = tmp_path / "semje-terms" / ".run"
    for name in ("state", "ledger", "backups"):
        (home / name).mkdir(parents=True)
    (home / "ledger/ledger.jsonl").write_text("{}\n")
    spec = plan.ProcessSpec("account", ("true",), "", {"VILKAR_ENVIRONMENT": "production"})
    plan.save([spec], home / "plan.json")
    servers = system.NativeSystem(home, print).infrastructure.root
    (servers / "secrets").mkdir(parents=True)
    yield home
    shutil.rmtree(servers, ignore_errors=True)


def reset(home: Path, *answer: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VILKAR_")}
    return subprocess.run(
        [sys.executable, "-m", "deploy.native", "reset", *answer],
        check=False, capture_output=True, text=True, timeout=60, cwd=plan.REPOSITORY, stdin=subprocess.DEVNULL,
        env={**environment, "VILKAR_RUN_DIR": str(home)},
    )  # fmt: skip


def answered(environment: str, answer: str = "", typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(plan.REPOSITORY / "deploy/confirm_reset.sh"), "semje-terms", environment, answer, "the ledger"],
        check=False, capture_output=True, text=True, timeout=10, input=typed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "answer", "typed"),
    [
        ("demo", "", ""),
        ("demo", "", "no\n"),
        ("demo", "1", ""),
        ("production", "", ""),
        ("production", "", "yes\n"),
        ("production", "yes", ""),
        ("production", "semje", ""),
        ("", "yes", ""),
    ],
)
def test_without_the_answer_that_is_asked_for_it_is_not_deleted(environment: str, answer: str, typed: str) -> None:
    ended = answered(environment, answer, typed)
    assert ended.returncode == 2
    assert "  the ledger\n" in ended.stdout
    assert "not deleted" in ended.stdout


@pytest.mark.parametrize(
    ("environment", "answer", "typed"),
    [
        ("demo", "", "yes\n"),
        ("demo", "yes", ""),
        ("test", "semje-terms", ""),
        ("production", "", "semje-terms\n"),
        ("production", "semje-terms", ""),
    ],
)
def test_the_right_answer_lets_it_go(environment: str, answer: str, typed: str) -> None:
    assert answered(environment, answer, typed).returncode == 0


def test_a_system_that_ran_in_production_is_deleted_by_its_name_alone(home: Path) -> None:
    refused = reset(home, "--yes", "yes")
    assert refused.returncode == 2, refused.stderr
    assert "of the system 'semje-terms' (production)" in refused.stdout
    for meaning in ("the ledger: ", "backups on this machine: ", "passwords and keys: "):
        assert meaning in refused.stdout
    assert (home / "ledger/ledger.jsonl").exists()
    done = reset(home, "--yes", "semje-terms")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert "there is nothing" in reset(home).stdout
