"""The supervisor on programs of a few lines."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.native import forking, plan, ports, processes, supervisor
from tests.waiting import until

pytestmark = pytest.mark.integration

OBEDIENT = "import time\nprint('here', flush=True)\ntime.sleep(600)"
BROKEN = "import sys\nprint('cannot', flush=True)\nsys.exit(3)"
LIMIT_S = 20


def spec(name, code=OBEDIENT, generation=0):
    return plan.ProcessSpec(
        name, (sys.executable, "-c", code), "http://127.0.0.1:1/", {"PATH": "/usr/bin:/bin"}, generation
    )


class Running:
    """A supervisor at work in a home of its own."""

    def __init__(self, home: Path):
        self.home = home
        self.process = self._start()

    def _start(self):
        self.log = (self.home / "supervisor.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.native.supervisor", str(self.home)],
            cwd=plan.REPOSITORY,
            stdout=self.log,
            stderr=self.log,
        )
        until(lambda: processes.load(self.home / "supervisor.json"))
        return process

    def start_again(self):
        self.process.wait(LIMIT_S)
        self.log.close()
        (self.home / "supervisor.json").unlink(missing_ok=True)
        self.process = self._start()

    def follow(self, *specs):
        plan.save(specs, self.home / "plan.json")
        self.process.send_signal(supervisor.REREAD)

    def identity(self, name):
        return processes.load(self.home / "pids" / f"{name}.json")

    def restarts(self, name):
        with contextlib.suppress(FileNotFoundError):
            return json.loads((self.home / "pids" / f"{name}.json").read_text())["restarts"]
        return 0

    def said(self):
        return (self.home / "supervisor.log").read_text()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(LIMIT_S)
        self.log.close()


@pytest.fixture
def running(tmp_path):
    plan.save([spec("one"), spec("two")], tmp_path / "plan.json")
    supervisor_at_work = Running(tmp_path)
    yield supervisor_at_work
    supervisor_at_work.close()


def test_a_process_that_crashes_is_started_again(running):
    first = until(lambda: running.identity("one"))
    first.send(signal.SIGKILL)
    until(lambda: running.identity("one") not in (None, first))
    assert running.restarts("one") == 1


def test_only_the_process_that_crashed_is_started_again(running):
    first, neighbour = until(lambda: running.identity("one")), until(lambda: running.identity("two"))
    first.send(signal.SIGKILL)
    until(lambda: running.identity("one") not in (None, first))
    assert running.identity("two") == neighbour


def test_a_process_that_cannot_live_is_tried_ever_more_seldom(running):
    running.follow(spec("broken", BROKEN))
    until(lambda: running.said().count("broken ended") >= 3)
    delays = [line.split("again in ")[1] for line in running.said().splitlines() if "broken ended" in line]
    assert [float(delay.split(" s")[0]) for delay in delays[:3]] == [0.5, 1, 2], running.said()


def test_the_end_of_the_supervisor_is_the_end_of_its_processes_and_of_nothing_else(running):
    bystander = subprocess.Popen([sys.executable, "-c", OBEDIENT], stdout=subprocess.DEVNULL)
    try:
        one, two = until(lambda: running.identity("one")), until(lambda: running.identity("two"))
        running.process.terminate()
        assert running.process.wait(LIMIT_S) == 0
        assert not one.alive()
        assert not two.alive()
        assert bystander.poll() is None
        assert list((running.home / "pids").iterdir()) == []
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_that_ignores_the_request_to_end_is_killed_when_its_time_is_up(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.5)
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + OBEDIENT.replace("here", "deaf")
    (tmp_path / "pids").mkdir()
    (tmp_path / "logs").mkdir()
    child = supervisor.Child(tmp_path, spec("deaf", deaf), forking.ForkServers(print, {}))
    child.tick(time.monotonic())
    identity = child.identity
    until(lambda: "deaf" in child.log.read_text())
    child.ask_to_end()
    child.finish(time.monotonic() + supervisor.GRACE_SECONDS)
    assert not identity.alive()


def test_a_changed_plan_starts_what_is_new_and_ends_what_is_gone(running):
    one, two = until(lambda: running.identity("one")), until(lambda: running.identity("two"))
    running.follow(spec("one"), spec("three"))
    until(lambda: running.identity("three"))
    until(lambda: not two.alive())
    assert running.identity("one") == one


def test_a_new_generation_is_a_restart(running):
    first = until(lambda: running.identity("one"))
    running.follow(spec("one", generation=1), spec("two"))
    until(lambda: running.identity("one") not in (None, first))
    assert not first.alive()


def test_processes_left_by_a_killed_supervisor_are_ended_before_new_ones_start(running):
    first = until(lambda: running.identity("one"))
    until(lambda: running.identity("two"))
    running.process.kill()
    running.start_again()
    second = until(lambda: running.identity("one") not in (None, first) and running.identity("one"))
    assert not first.alive()
    assert second.alive()


def fork_servers(running):
    """The children of the supervisor that are none of its plan's."""
    pid = running.process.pid
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    of_the_plan = [processes.record(file)["pid"] for file in (running.home / "pids").glob("*.json")]
    return [processes.identity_of(child) for child in children if child not in of_the_plan]


def parent(identity):
    return int(Path(f"/proc/{identity.pid}/stat").read_text().rpartition(")")[2].split()[1])


def a_program_of_the_plan(name):
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "VILKAR_ENVIRONMENT": "test"}
    port = {"VILKAR_SANDBOX_PORT": str(ports.choose([name])[name])}
    return plan.ProcessSpec(name, (sys.executable, "-m", "sandbox"), "http://127.0.0.1:1/", env | port)


def test_a_program_of_the_plan_is_forked_and_needs_what_it_was_forked_from_no_more(running):
    running.follow(a_program_of_the_plan("three"))
    first = until(lambda: running.identity("three"))
    (server,) = fork_servers(running)
    assert parent(first) == running.process.pid
    server.send(signal.SIGKILL)
    until(lambda: not server.alive())
    assert first.alive()
    first.send(signal.SIGKILL)
    second = until(lambda: running.identity("three") not in (None, first) and running.identity("three"))
    (another,) = fork_servers(running)
    assert parent(second) == running.process.pid
    running.process.kill()
    running.process.wait(LIMIT_S)
    until(lambda: not another.alive(), what="the end of a fork server that nobody asks any more")
    assert second.alive()
    running.start_again()
    until(lambda: not second.alive())


def test_there_is_one_supervisor_a_home(running):
    second = subprocess.run(
        [sys.executable, "-m", "deploy.native.supervisor", str(running.home)],
        cwd=plan.REPOSITORY,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert second.returncode == 1
    assert "another supervisor runs" in second.stdout
    assert running.process.poll() is None


def test_a_recycled_process_id_is_neither_taken_for_ours_nor_signalled(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", OBEDIENT], stdout=subprocess.DEVNULL)
    try:
        theirs = processes.identity_of(stranger.pid)
        ours = processes.ProcessIdentity(theirs.pid, theirs.started_ticks - 100, theirs.boot_id)
        (tmp_path / "pids").mkdir()
        processes.save(ours, tmp_path / "pids/account.json")
        assert processes.load(tmp_path / "pids/account.json") is None
        assert ours.send(signal.SIGTERM) is False
        assert processes.end(ours, grace_s=0.1) is True
        assert supervisor.end_orphans(tmp_path) == []
        assert stranger.poll() is None
        assert theirs.alive()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_of_an_earlier_boot_is_not_ours():
    me = processes.identity_of(os.getpid())
    assert me.alive()
    assert not processes.ProcessIdentity(me.pid, me.started_ticks, "another boot").alive()


def test_killing_reaches_the_whole_family(tmp_path):
    parent = processes.start(
        ["/bin/sh", "-c", "sleep 600 & sleep 600 & wait"],
        log=tmp_path / "log",
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
    )
    family = until(lambda: (found := processes.descendants(parent)) and len(found) == 2 and found)
    processes.kill(parent)
    assert not parent.alive()
    assert [member for member in family if member.alive()] == []


def test_a_log_that_grew_too_long_is_set_aside_while_its_process_writes_on(tmp_path):
    log = tmp_path / "one.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 10)
        supervisor.shorten(log, limit_bytes=20)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert log.with_suffix(".log.1").read_bytes() == b"old" * 10
