"""Several processes send from one queue, and one of them is killed in the middle: no letter leaves twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import LetterRequest
from services.notification.letters.kinds import LETTERS
from services.notification.letters.rules import expires
from services.notification.letters.values import Facts
from shared.identifiers import new_id
from tests.waiting import until

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LETTER_COUNT = 500
REPLICAS = 4


def queue_letters(house) -> None:
    kind, now = LETTERS["user_reminder"], house.clock.now()
    request = LetterRequest(
        event_id=new_id(),
        letter=kind.code,
        account_id=new_id(),
        requested_at=now,
        expires_at=expires(kind, now),
        facts=Facts(due_on=date(2027, 3, 5)),
    )
    with house.database.transaction() as tx:
        added = Queue().add_letters(tx, request, [new_id() for _ in range(LETTER_COUNT)], now=now)
    assert added == LETTER_COUNT


@pytest.fixture
def replicas(house, databases, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE)))}
    command = [sys.executable, str(HERE / "run_sender.py")]
    arguments = [
        databases.dsn("notification"), str(tmp_path), house.sandbox.mailgun_url,
    ]  # fmt: skip
    started: list[subprocess.Popen] = []

    def start(count: int) -> list[subprocess.Popen]:
        """Every other one on green threads, as the service runs."""
        kinds = [["--green"], []]
        processes = [
            subprocess.Popen([*command, *kinds[number % 2], *arguments], env=environment) for number in range(count)
        ]
        started.extend(processes)
        return processes

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=30)


def states(house) -> Counter:
    return Counter(row["state"] for row in house.rows("SELECT state FROM letter"))


@pytest.mark.parametrize("kill", [False, True], ids=["in_peace", "with_a_kill"])
def test_five_hundred_letters_leave_once_each(house, replicas, kill) -> None:
    queue_letters(house)
    processes = replicas(REPLICAS)
    until(lambda: len(house.sent()) > LETTER_COUNT // 5, seconds=60)
    if kill:
        for victim in processes[:2]:
            os.kill(victim.pid, signal.SIGKILL)
        replicas(2)
    until(lambda: _nothing_waits(house), seconds=120)
    left = states(house)
    assert left["sent"] + left["delivered"] + left["unknown"] == LETTER_COUNT
    until(lambda: _settled(house), seconds=60)
    by_letter = Counter(sent["variables"]["notification_id"] for sent in house.sent())
    assert len(by_letter) == LETTER_COUNT
    assert set(by_letter.values()) == {1}
    assert Counter(house.types())["notification.sent"] == LETTER_COUNT
    assert "notification.failed" not in house.types()


def _nothing_waits(house) -> bool:
    """Where only letters of a killed process are left, their leases are let run out."""
    counted = states(house)
    if counted["sending"] and not counted["pending"]:
        house.clock.move(timedelta(seconds=5))
    return not counted["sending"] and not counted["pending"]


def _settled(house) -> bool:
    """Let Mailgun's half hour go by for letters of which nothing is known."""
    house.clock.move(timedelta(minutes=2))
    return states(house)["sent"] + states(house)["delivered"] == LETTER_COUNT
