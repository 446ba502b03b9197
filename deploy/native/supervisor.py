"""Keeps the processes of a plan running: `python -m deploy.native.supervisor HOME [SECONDS]`.

A process that ends is started again after a delay that doubles with every quick death, up to half a minute, so a
broken one costs two starts a minute and no more. SIGHUP makes the supervisor read its plan again; SIGTERM and
SIGINT end every process it started (35 seconds to finish, then no choice), and nothing else.

SECONDS is how long a fork server is kept in memory that nothing is forked from (deploy.native.forking).

HOME holds `plan.json` (deploy.native.plan), `pids/<name>.json` (which process, since when, its restarts) and
`logs/<name>.log`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import forking, plan, processes
from deploy.native.forking import ForkServers, StillLoadingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0
GRACE_SECONDS = 35.0
REREAD = signal.SIGHUP
LOG_LIMIT_BYTES = 20_000_000
_TICK_SECONDS = 0.1
_SIGNALS_AT_ONCE = 4096
_REST_SECONDS = 5.0
"""The pause while every process runs; a signal ends it, and the end of a process is one."""
_LOG_CHECK_SECONDS = 10.0


def say(text: str) -> None:
    """Write a line to the supervisor's own log."""
    print(json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "supervisor": text}), flush=True)


class SupervisorError(Exception):
    """The supervisor cannot do its work in this home."""


def delay_before_restart(quick_deaths: int) -> float:
    """Return the seconds to wait before a process that died `quick_deaths` times in a row is started again."""
    if quick_deaths <= 0:
        return 0.0
    return float(min(FIRST_DELAY_SECONDS * 2 ** min(quick_deaths - 1, 16), LONGEST_DELAY_SECONDS))


class Child:
    """One process of the plan: running, or waiting to be started again."""

    def __init__(self, home: Path, spec: plan.ProcessSpec, forks: ForkServers) -> None:
        """Describe the child; `tick` starts it, by a fork where it can."""
        self.spec = spec
        self._forks = forks
        self.identity: processes.ProcessIdentity | None = None
        self._home = home
        self._quick_deaths = 0
        self._restarts = -1
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def log(self) -> Path:
        return self._home / "logs" / f"{self.spec.name}.log"

    @property
    def pid_file(self) -> Path:
        return self._home / "pids" / f"{self.spec.name}.json"

    def tick(self, now: float) -> None:
        """Notice an end, and start the process when its time has come; `now` is of time.monotonic()."""
        if self.identity is not None:
            if self.identity.alive():
                return
            self._note_end(now)
        if now >= self._start_at:
            self._start(now)

    def _note_end(self, now: float) -> None:
        steady = now - self._started_at >= STEADY_AFTER_SECONDS
        self._quick_deaths = 1 if steady else self._quick_deaths + 1
        delay = delay_before_restart(self._quick_deaths)
        self._start_at = now + delay
        if self.identity is not None:
            say(f"{self.spec.name} ended (pid {self.identity.pid}), again in {delay:g} s")
            processes.reap(self.identity.pid)
        self.identity = None

    def _start(self, now: float) -> None:
        self._started_at = now
        try:
            self.identity = self._forks.start(
                self.spec.argv, name=self.spec.name, log=self.log, env=self.spec.env, cwd=plan.REPOSITORY
            ) or processes.start(self.spec.argv, log=self.log, env=self.spec.env, cwd=plan.REPOSITORY)  # fmt: skip
        except StillLoadingError:
            return  # the next look asks again
        except OSError as error:
            self._restarts += 1
            self._note_end(now)
            say(f"{self.spec.name} could not be started: {error}")
            return
        self._restarts += 1
        processes.save(self.identity, self.pid_file, restarts=self._restarts, fingerprint=self.spec.fingerprint)
        say(f"{self.spec.name} started (pid {self.identity.pid})")

    def ask_to_end(self) -> None:
        if self.identity is not None:
            self.identity.send(signal.SIGTERM)

    def finish(self, deadline: float) -> None:
        """Wait for the end until `deadline`, then force it."""
        if self.identity is None:
            self.pid_file.unlink(missing_ok=True)
            return
        if not self.identity.wait_gone(max(0.0, deadline - time.monotonic())):
            say(f"{self.spec.name} did not end in time and is killed (pid {self.identity.pid})")
            processes.kill(self.identity)
        self.identity = None
        self.pid_file.unlink(missing_ok=True)


class Supervisor:
    """All children of one home."""

    def __init__(self, home: Path, idle_s: float = forking.IDLE_SECONDS) -> None:
        """Take over a home; the plan is read by `run`. `idle_s` is how long an unneeded fork server is kept."""
        self._home = home
        self._children: dict[str, Child] = {}
        kinds = {program.module: program.kind for program in plan.PROGRAMS}
        self._forks = ForkServers(say, kinds, idle_s=idle_s)
        self._reread = True
        self._stopping = False
        self._woken = os.pipe()
        """Has something to read once a signal has come."""

    def run(self) -> None:
        """Keep the plan running until told to end."""
        self._listen()
        (self._home / "pids").mkdir(exist_ok=True)
        (self._home / "logs").mkdir(exist_ok=True)
        with self._only_one():
            me = processes.identity_of(os.getpid())
            if me is None:
                raise SupervisorError("this process is not to be found in /proc")
            processes.save(me, self._home / "supervisor.json")
            end_orphans(self._home)
            processes.become_subreaper()
            try:
                self._loop()
            finally:
                self._end(list(self._children.values()))
                self._forks.close()
                (self._home / "supervisor.json").unlink(missing_ok=True)

    def _listen(self) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stopping = True

        def reread(_number: int, _frame: FrameType | None) -> None:
            self._reread = True

        def look(_number: int, _frame: FrameType | None) -> None:
            """A child has ended; the signal itself ends the pause."""

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        signal.signal(REREAD, reread)
        signal.signal(signal.SIGCHLD, look)
        for end in self._woken:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._woken[1])

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        with (self._home / "supervisor.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SupervisorError(f"another supervisor runs in {self._home}") from None
            yield

    def _loop(self) -> None:
        logs_checked_at = float("-inf")
        while not self._stopping:
            if self._reread:
                self._reread = False
                self._follow(plan.load(self._home / "plan.json"))
            processes.reap_all()
            now = time.monotonic()
            for child in self._children.values():
                child.tick(now)
            self._forks.end_idle()
            if now - logs_checked_at >= _LOG_CHECK_SECONDS:
                self._shorten_logs()
                logs_checked_at = now
            self._pause()

    def _pause(self) -> None:
        """Wait for a signal, or for the next look at those that are to be started."""
        all_run = all(child.identity is not None for child in self._children.values())
        readable, _, _ = select.select([self._woken[0]], [], [], _REST_SECONDS if all_run else _TICK_SECONDS)
        if readable:
            os.read(self._woken[0], _SIGNALS_AT_ONCE)

    def _follow(self, specs: list[plan.ProcessSpec]) -> None:
        """End what is not in the plan any more or is in it with a change, and take up what is new."""
        wanted = {spec.name: spec for spec in specs}
        over = [child for name, child in self._children.items() if wanted.get(name) != child.spec]
        self._end(over)
        for child in over:
            del self._children[child.spec.name]
        for name, spec in wanted.items():
            if name not in self._children:
                self._children[name] = Child(self._home, spec, self._forks)
                self._forks.prepare(spec.argv, spec.env)

    def _end(self, children: list[Child]) -> None:
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in children:
            child.finish(deadline)

    def _shorten_logs(self) -> None:
        for child in self._children.values():
            shorten(child.log)


def shorten(log: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
    """Move a log that has grown beyond the limit aside, in place of the one moved aside before.

    The process keeps the file open; it is emptied rather than renamed, and writes on at its new end.
    """
    if not log.exists() or log.stat().st_size <= limit_bytes:
        return
    shutil.copyfile(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


def end_orphans(home: Path, *, say: Callable[[str], None] = say) -> list[str]:
    """End the processes that a supervisor left behind when it was killed; return their names."""
    left = []
    for file in sorted((home / "pids").glob("*.json")):
        identity = processes.load(file)
        if identity is not None:
            say(f"{file.stem} is left over from an earlier run (pid {identity.pid}) and is ended")
            processes.end(identity, grace_s=GRACE_SECONDS)
            left.append(file.stem)
        file.unlink(missing_ok=True)  # whoever else takes this system down may have been faster
    return left


def main(arguments: list[str]) -> int:
    """Run the supervisor in the home named by the first argument."""
    if len(arguments) not in {1, 2}:
        print("usage: python -m deploy.native.supervisor HOME [SECONDS]", file=sys.stderr)
        return 2
    home, *seconds = arguments
    try:
        Supervisor(Path(home), *map(float, seconds)).run()
    except SupervisorError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
