"""The command line on somebody's own machine: no broker, no database, no secret, only the desk's address."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.native.plan import REPOSITORY
from services.desk.cli.output import AWAY, FAULT, REFUSED
from tests import forked
from tests.e2e.people import Company
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class Laptop:
    """A home folder, and an environment in which nothing is said of the system."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def session(self) -> Path:
        return self.home / ".config/vilkar/session.json"

    def vilkar(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        told = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}
        return forked.run("services.desk.__main__", *arguments, env=told | environment, cwd=self.home)


@pytest.fixture
def laptop(tmp_path) -> Laptop:
    return Laptop(tmp_path)


def desk_url(system: Any) -> str:
    return f"http://desk.localhost:{system.native.ports['desk_pages']}"


def test_staff_work_with_a_session_and_nothing_else(system, laptop) -> None:
    company = Company(system).move_in()
    asked = ("account", "show", company.account_id, "--purpose", "customer_support", "--json")
    ended = laptop.vilkar(*asked)
    assert (ended.returncode, ended.stderr.strip()) == (REFUSED, "You are not logged in: vilkar login")
    ended = laptop.vilkar("login", "--as", "kari", "--desk", desk_url(system), "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["code"] == "kari"
    assert laptop.session.stat().st_mode & 0o777 == 0o600
    ended = laptop.vilkar(*asked)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["account_id"] == company.account_id

    def told() -> bool:
        asked = ("audit", "trail", f"account/{company.account_id}", "--purpose", "customer_support", "--json")
        trail = laptop.vilkar(*asked)
        assert trail.returncode == 0, trail.stderr
        return "staff.personal_data_read" in trail.stdout

    until(told, what="the look in the trail", seconds=60)
    ended = laptop.vilkar("alarms", "--json")
    assert (ended.returncode in {0, FAULT}, ended.stderr) == (True, "")
    assert isinstance(json.loads(ended.stdout), list)
    ended = laptop.vilkar("logout")
    assert ended.returncode == 0
    assert laptop.vilkar(*asked).returncode == REFUSED


def test_what_takes_a_role_or_another_person_is_refused_with_its_reason(system, laptop) -> None:
    assert laptop.vilkar("login", "--as", "ingrid", "--desk", desk_url(system)).returncode == 0
    ended = laptop.vilkar("mailgun", "rate", 20, "--json")
    assert (ended.returncode, ended.stdout) == (REFUSED, "")
    assert "role_not_granted" in ended.stderr
    ended = laptop.vilkar("login", "--as", "somebody", "--desk", desk_url(system))
    assert ended.returncode == REFUSED


def test_a_desk_that_is_not_there_and_one_in_the_clear_are_told_apart(laptop) -> None:
    ended = laptop.vilkar("login", "--desk", "http://desk.localhost:9")
    assert (ended.returncode, "does not answer" in ended.stderr) == (AWAY, True)
    ended = laptop.vilkar("login", "--desk", "http://desk.example")
    assert (ended.returncode, "https://" in ended.stderr) == (REFUSED, True)
    assert not laptop.session.exists()
