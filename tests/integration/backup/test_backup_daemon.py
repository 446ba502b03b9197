"""The process that takes backups when they are due, and the commands, as they are run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from deploy.backup import scratch
from deploy.backup.daemon import Daemon
from deploy.native import ports
from shared import backup_record, config
from shared.backup_record import KEYRING
from shared.clock import Clock
from tests import forked
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-1")]

ROOT = Path(__file__).resolve().parents[3]
LIMIT_SECONDS = 240


@pytest.fixture
def environment(infrastructure, world) -> dict[str, str]:
    """What the process is told; its databases are those of the whole instances, not the test's."""
    return {
        "PATH": os.environ["PATH"],
        "VILKAR_ENVIRONMENT": "test",
        "VILKAR_DB_HOST": "127.0.0.1",
        "VILKAR_DB_PORT": str(infrastructure.db.port),
        "VILKAR_KEYRING_HOST": "127.0.0.1",
        "VILKAR_KEYRING_PORT": str(infrastructure.keyring.port),
        "VILKAR_SECRETS_DIR": str(infrastructure.secrets_root / "backup"),
        "VILKAR_STATE_DIR": str(world.settings.state_dir),
        "VILKAR_BACKUP_TARGET": str(world.target),
        "VILKAR_BACKUP_WORK_DIR": str(world.settings.work),
        "VILKAR_BACKUP_FIRST_SECONDS": "0",
        "VILKAR_HEALTH_PORT": str(ports.choose(["health"])["health"]),
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return forked.run("deploy.backup.__main__", *arguments, env=environment)


def test_the_process_takes_a_backup_when_one_is_due_and_says_how_old_they_are(world, environment):
    world.settings.state_dir.mkdir()
    daemon = subprocess.Popen([sys.executable, "-m", "deploy.backup.daemon"], cwd=ROOT, env=environment)
    try:
        state = world.settings.state_dir

        def count() -> int:
            sets = backup_record.read(state).sets
            return sets[KEYRING].count if KEYRING in sets else 0

        until(lambda: count() == 1, what="the first backup", seconds=LIMIT_SECONDS)
        address = f"http://127.0.0.1:{environment['VILKAR_HEALTH_PORT']}"
        assert requests.get(f"{address}/readyz", timeout=30).status_code == 200
        told = requests.get(f"{address}/metrics", timeout=30).text
        assert 'vilkar_backup_alarm{set="keyring"} 0\n' in told
        assert 'vilkar_backup_snapshots{set="data"} 1\n' in told
        Clock(state, environment="test").move(timedelta(hours=13))
        until(lambda: count() == 2, what="the next backup", seconds=LIMIT_SECONDS)
        Clock(state, environment="test").move(timedelta(days=7))
        until(lambda: count() == 1, what="only the newest is left of the keyring", seconds=LIMIT_SECONDS)
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0
    assert list(world.settings.work.iterdir()) == []


def left_in_clear(world) -> Path:
    """What a proof leaves that is killed: files of a dump, and a server's folder."""
    for folder in (world.settings.work / "prove-data", scratch.place_of(world.settings.work)):
        folder.mkdir(mode=0o700, parents=True)
        (folder / "account.dump").write_text("Kari Nordmann")
    return world.settings.work


def is_running(pid: str) -> bool:
    """Whether it is there and not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def nothing_in_clear(work: Path) -> bool:
    return not list(work.iterdir()) and not scratch.place_of(work).exists()


def test_what_a_killed_run_left_in_clear_is_removed_when_the_process_starts_and_not_with_the_next_backup(
    world, environment
):
    world.settings.state_dir.mkdir()
    work = left_in_clear(world)
    settings = {**environment, "VILKAR_BACKUP_FIRST_SECONDS": "3600"}
    daemon = subprocess.Popen([sys.executable, "-m", "deploy.backup.daemon"], cwd=ROOT, env=settings)
    try:
        until(lambda: nothing_in_clear(work), what="nothing lies there in clear", seconds=LIMIT_SECONDS)
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0


@pytest.mark.parametrize(
    ("end", "stopping"),
    [(("", "kill -9 $$"), False), (("", "kill -9 $$"), True), (("trap 'exit 1' INT;", "wait"), True)],
    ids=["killed", "killed-while-stopping", "told-to-end"],
)
def test_after_a_command_that_was_killed_its_leavings_are_removed_at_once(
    world, environment, monkeypatch, tmp_path, end, stopping
):
    world.settings.state_dir.mkdir()
    work = left_in_clear(world)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    started = subprocess.Popen
    begun: list[str] = []

    def killed_first(argv: list[str], **options: object) -> subprocess.Popen[bytes]:
        begun.append(argv[-1])
        if len(begun) > 1:
            return started(argv, **options)
        command = started(["sh", "-c", f"{end[0]} sleep 300 & echo $! > {tmp_path}/server; {end[1]}"], **options)
        until(lambda: (tmp_path / "server").exists() and (tmp_path / "server").read_text(), what="its server runs")
        return command

    monkeypatch.setattr(subprocess, "Popen", killed_first)
    daemon = Daemon(config.load())
    if stopping:
        daemon._on_signal(signal.SIGTERM, None)
    try:
        daemon._prove()
    finally:
        daemon._server.server_close()
    assert begun == ["prove", "clear"]
    until(lambda: not is_running((tmp_path / "server").read_text().strip()), what="its server has ended")
    assert nothing_in_clear(work)


def test_the_check_tells_by_its_exit_code_that_no_backup_is_of_today(world, environment):
    world.settings.state_dir.mkdir()
    never = run(environment, "check")
    assert (never.returncode, never.stdout) == (4, "data: none\nkeyring: none\n")
    assert run(environment, "take").returncode == 0
    fresh = run(environment, "check")
    assert (fresh.returncode, fresh.stdout) == (0, "fresh\n")
    Clock(world.settings.state_dir, environment="test").move(timedelta(hours=25))
    stale = run(environment, "check")
    assert stale.returncode == 4
    assert stale.stdout.startswith("data: stale (25.")


@pytest.mark.clause("FORGET-1")
@pytest.mark.parametrize(
    ("wish", "reason"), [("--account=4711", "one account cannot be taken out"), ("--to=/tmp", "nowhere else")]
)
def test_a_wish_for_a_part_of_a_backup_is_refused_before_anything_is_looked_at(environment, wish, reason):
    refused = run(environment, "restore", "--from", "latest", wish)
    assert refused.returncode == 2
    assert reason in refused.stderr
