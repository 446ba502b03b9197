"""The very first start: nothing has gone wrong yet, so nobody says that something has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.native import users
from shared.system import DATABASES
from tests.plugins.system import EVERYTHING
from tests.waiting import until

pytestmark = pytest.mark.e2e

KEEPING = (*DATABASES, "relay")
WHILE = timedelta(seconds=3)
"""By the clock of the machine; no test of a shared system has done any mischief yet."""


def first_lines(system: Any, name: str) -> list[dict[str, Any]]:
    """What the first process of this name ever said, until it had served for a while."""
    until(lambda: list(said_by(system, name)), what=f"the first words of {name}")
    said = list(said_by(system, name))
    served = next((each for each in said if each["event"] == "serving"), said[0])
    return [each for each in said if at(each) < at(served) + WHILE]


def at(said: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(said["time"])


def said_by(system: Any, name: str) -> Iterator[dict[str, Any]]:
    for line in (system.home / "logs" / f"{name}.log").read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


@pytest.mark.parametrize("name", KEEPING)
def test_a_first_start_logs_no_error_and_no_gate_is_broken(system: Any, name: str) -> None:
    said = first_lines(system, name)
    assert [each for each in said if each["level"] in {"error", "critical"}] == []
    assert "gate_broken" not in {each["event"] for each in said}


def test_no_process_is_root_where_each_can_be_somebody_else(system: Any) -> None:
    if users.load(system.home) is None:
        pytest.skip(
            f"could not run: {next((said for said in system.said if 'as root' in said), 'nobody is root here')}"
        )
    ids = {}
    for name in EVERYTHING:
        lines = (Path("/proc") / str(system.identity(name).pid) / "status").read_text().splitlines()
        ids[name] = next(line for line in lines if line.startswith("Uid:")).split()[1:]
    assert {name: set(each) for name, each in ids.items() if "0" in each} == {}
    assert len({each[0] for each in ids.values()}) == len(EVERYTHING)
