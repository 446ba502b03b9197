"""A backup that dies half way: what was taken before stays usable, and what it left is cleared away."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared.backup_record import DATA
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-2")]

ROOT = Path(__file__).resolve().parents[3]
TAKE = """
import pickle, sys
from deploy.backup.backups import Backups
from shared.clock import FixedClock
settings, at = pickle.load(sys.stdin.buffer)
Backups(settings, clock=FixedClock(at)).take(("data",))
"""


def slow_restic(folder: Path) -> dict[str, str]:
    """An environment in which restic sends ten kilobytes a second."""
    program = folder / "restic"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("restic")} --limit-upload 10 "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def half_done(world, tmp_path):
    """A backup that has begun to send a megabyte, and is killed with all that it started."""
    kept = world.event("account", published_at=None)
    world.backups.take((DATA,))
    world.clock.move(timedelta(hours=1))
    world.event("account", published_at=None)
    world.run(
        "account",
        "INSERT INTO parked (id, consumer, type, body, reason, error_class, stack_hash, attempts, parked_at) "
        "VALUES (gen_random_uuid(), 'c', 't', %s, 'r', 'e', 's', 1, %s)",
        os.urandom(1_000_000), world.clock.now(),
    )  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-c", TAKE],
        stdin=subprocess.PIPE,
        env=slow_restic(tmp_path),
        cwd=ROOT,
        start_new_session=True,
    )
    assert child.stdin is not None
    child.stdin.write(pickle.dumps((world.settings, world.clock.now())))
    child.stdin.close()
    locks = world.target / "data" / "locks"
    dump = world.settings.work / "dump-data" / "manifest.json"
    until(
        # A lock that restic has not finished writing has another name, and stays for whoever tidies the folder.
        lambda: dump.exists() and any("-tmp-" not in each.name for each in locks.iterdir()),
        what="the sending has begun",
        seconds=120,
    )
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    yield kept
    world.run("account", "DELETE FROM parked")


def test_the_earlier_backup_is_restored_after_one_that_died(world, half_done):
    assert len(world.backups.listing((DATA,))[0].snapshots) == 1
    world.backups.restore()
    assert world.events("account").keys() == {half_done}


def test_the_next_backup_clears_away_what_one_that_died_has_left(world, half_done):
    assert any(world.settings.work.rglob("*.dump"))
    (taken,) = world.backups.take((DATA,))
    assert list(world.settings.work.iterdir()) == []
    assert list((world.target / "data" / "locks").iterdir()) == []
    (listed,) = world.backups.listing((DATA,))
    assert [each.at for each in listed.snapshots] == [world.clock.now() - timedelta(hours=1), taken.at]
