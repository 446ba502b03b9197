"""The whole system on this machine: servers, databases, processes. What `make up` does where no Docker is."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.backup import scratch
from deploy.native import confine, contents, packages, plan, processes, programs, readiness, supervisor, users
from deploy.native.infrastructure import SERVERS, Infrastructure
from deploy.native.ports import LOOPBACK
from deploy.provision import rabbitmq, search_user
from deploy.provision.outside_service import main as provision_outside
from services.staff.machine_doors import noted
from services.staff.machine_doors.values import Door
from shared.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

READY_LIMIT_SECONDS = 120.0
RETENTION = "retention"
CHANGE_KEYS = ("rotate", "forget", "renew", "reseal")
"""Verbs of `deploy.keys` that do more than look."""
PROXY = "proxy"
AS_OTHERS = (
    "Let others read Python and the sources: below /opt for example, with make setup PYTHON=/usr/bin/python3"
)
_HOPELESS_RESTARTS = 4
_MIGRATION_LIMIT_SECONDS = 300
_SUPERVISOR_LIMIT_SECONDS = 10.0
_FORKING_FOR_TESTS_SECONDS = 3600.0


class NativeError(Exception):
    """The system could not be brought to the state asked for; the message says what to look at."""


@dataclass(frozen=True)
class State:
    """What one server or process is doing. `since_s` is its age in seconds."""

    name: str
    ready: bool
    pid: int | None = None
    since_s: float | None = None
    restarts: int = 0
    address: str = ""


class NativeSystem:
    """The system whose data, logs and pid files lie below `home` (`.run` in the repository by default)."""

    def __init__(
        self,
        home: Path,
        say: Callable[[str], None],
        *,
        settings: Mapping[str, str] | None = None,
        for_tests: bool = False,
        owner: processes.ProcessIdentity | None = None,
    ) -> None:
        """Describe the system; nothing is started. `say` hears what is being done.

        `settings` are VILKAR_ settings for every process. `for_tests` and `owner`: see Infrastructure.
        """
        self.home = home.resolve()
        self._say = say
        self._settings = {**os.environ, **(settings or {})}
        self._for_tests = for_tests
        self._owner = owner

    @property
    def infrastructure(self) -> Infrastructure:
        """The servers; elsewhere than in `home` where their users may not go, as below root's home folder."""
        root = self.home / "servers"
        reachable = all(programs.can_reach(root, programs.run_as(user)) for user in ("postgres", "rabbitmq"))
        if not reachable:
            root = Path("/var/lib") / f"vilkar-{sha256(str(self.home).encode()).hexdigest()[:12]}"
        outside = rabbitmq.outside_services(self._settings.get("VILKAR_OUTSIDE_SERVICES", ""))
        whose = users.load(self.home)
        return Infrastructure(
            root, for_tests=self._for_tests, services=True, outside=outside, owner=self._owner, say=self._say,
            secret_owners=whose.owners() if whose else None,
        )  # fmt: skip

    @property
    def _plan_file(self) -> Path:
        return self.home / "plan.json"

    @property
    def _ports_file(self) -> Path:
        return self.home / "ports.json"

    @property
    def ports(self) -> dict[str, int]:
        """The ports of processes, as chosen by the last `up`."""
        if not self._ports_file.exists():
            return {}
        found: dict[str, int] = json.loads(self._ports_file.read_text())
        return found

    @property
    def runs(self) -> bool:
        """Say whether the system runs."""
        return self._supervisor is not None

    @property
    def _supervisor(self) -> processes.ProcessIdentity | None:
        return processes.load(self.home / "supervisor.json")

    def up(
        self, *, selected: Sequence[str], scale: Mapping[str, int], timeout_s: float = READY_LIMIT_SECONDS
    ) -> None:
        """Bring the system up, or to the new selection and scale, and wait until every process is ready."""
        chosen = plan.instances(plan.suitable(selected, self._settings), scale)
        lacking = packages.missing(selected)
        if lacking:
            packages.install(lacking, say=self._say)
        self._bring_up(chosen, self._choose_users(), timeout_s)

    def _bring_up(
        self, chosen: Sequence[tuple[str, plan.Program]], whose: users.Users | None, timeout_s: float
    ) -> None:
        # Other users pass through these to their own folders; what is secret below is closed by its own mode.
        for folder in (self.home, self.home / "state", self.home / "logs", self.home / "pids"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        changed = whose != users.load(self.home)
        users.save(whose, self.home)
        self.infrastructure.start()
        names = [name for name, _ in chosen]
        ports = self._allot(names)
        self._settle(ports, end_first=changed)
        self._migrate(ports)
        self._begin_ledger(ports, names)
        specs = self._make(chosen, ports, plan.load(self._plan_file))
        self._follow(specs)
        self._wait(specs, timeout_s)

    def _make(
        self,
        chosen: Sequence[tuple[str, plan.Program]],
        ports: Mapping[str, int],
        previous: Sequence[plan.ProcessSpec],
    ) -> list[plan.ProcessSpec]:
        return plan.make(
            chosen, ports, previous, lambda folder: self._environment(folder, ports), start_as=self._start_as
        )

    # ── whose processes and files are ─────────────────────────────────────────────────────────────────────────

    def _choose_users(self) -> users.Users | None:
        """Return whom the processes are to run as; None where it is whoever starts them."""
        if os.geteuid() != 0:
            return None
        chosen = users.choose(self.home)
        obstacle = chosen.obstacle(self.home, self.infrastructure.root)
        if obstacle is None:
            # They may write nothing beside the sources, and would compile them at each start.
            for package in ("shared", "services", "sandbox", "deploy"):
                compileall.compile_dir(plan.REPOSITORY / package, quiet=2)
            return chosen
        if plan.is_production(self._settings):
            raise NativeError(f"in production no process runs as root: {obstacle}. {AS_OTHERS}")
        self._say(f"every process runs as root and can read all secrets: {obstacle}. {AS_OTHERS}")
        return None

    def _misplaced(self, ports: Mapping[str, int]) -> dict[Path, Path]:
        return contents.misplaced(self._environment(users.BACKUP, ports))

    def _settle(self, ports: Mapping[str, int], *, end_first: bool) -> None:
        """Put files where they belong, and give them to whom they belong to."""
        if end_first or self._misplaced(ports):
            self._end_processes()
        for old, new in self._misplaced(ports).items():  # some files were there for a running process only
            new.parent.mkdir(exist_ok=True)
            old.rename(new)
        if (backups := self.home / "backups").exists():
            backups.chmod(0o755)
        self._put_right(ports)

    def _put_right(self, ports: Mapping[str, int]) -> None:
        """Give each folder, and what anybody has put there, to whom it belongs."""
        whose = users.load(self.home)
        if whose is None:
            return
        for name in users.PROCESSES:
            for place in whose.places(name, self._environment(name, ports)):
                try:
                    confine.put_right(*place)
                except OSError as error:
                    raise NativeError(f"{place.path} cannot be given to the process {name}: {error}") from error

    def _start_as(
        self, name: str, argv: Sequence[str], env: dict[str, str], *also: str
    ) -> tuple[Sequence[str], dict[str, str]]:
        """Command and environment with which a program of the process `name` is that one's user, if it has one."""
        whose = users.load(self.home)
        return whose.start(name, argv, env, also=also) if whose and name in users.PROCESSES else (argv, env)

    def _allot(self, names: list[str]) -> dict[str, int]:
        live = {file.stem for file in (self.home / "pids").glob("*.json") if processes.load(file) is not None}
        ports = plan.allot_ports(names, self.ports, live=live, settings=self._settings)
        self._ports_file.write_text(json.dumps(ports, indent=1))
        return ports

    def _migrate(self, ports: Mapping[str, int]) -> None:
        self._say("migrating databases")
        self._run_once("migrate", ports, "shared.database.migrate")

    def _begin_ledger(self, ports: Mapping[str, int], names: Iterable[str]) -> None:
        """Before any service looks for it; where retention is not to run, an old one may still be brought here."""
        if RETENTION in names:
            self._run_once(RETENTION, ports, "deploy.provision.ledger", "begin")

    def _run_once(self, folder: str, ports: Mapping[str, int], module: str, *arguments: str) -> None:
        argv, env = self._start_as(
            folder, [sys.executable, "-m", module, *arguments], self._environment(folder, ports)
        )
        result = subprocess.run(
            argv,
            cwd=plan.REPOSITORY,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_MIGRATION_LIMIT_SECONDS,
        )
        for line in result.stdout.splitlines():
            if not line.endswith("up to date"):
                self._say(f"  {line}")
        log = self.home / "logs" / f"{module.rpartition('.')[2]}.log"
        log.touch(mode=0o600)
        log.chmod(0o600)  # no process has a part in it, and one of before may have made it
        with log.open("a", encoding="utf-8") as details:
            details.write(result.stderr)
        if result.returncode != 0:
            raise NativeError(f"{module} failed:\n{result.stderr[-3000:]}")

    def _follow(self, specs: list[plan.ProcessSpec]) -> None:
        """Hand the plan to the supervisor: wake the one that runs, or start one."""
        unchanged = plan.load(self._plan_file) == specs
        running = self._supervisor
        if running is not None and unchanged:
            self._say(f"already running: {', '.join(spec.name for spec in specs)}")
            return
        plan.save(specs, self._plan_file)
        if running is not None:
            self._say("changing the running processes to the new plan")
            running.send(supervisor.REREAD)
            return
        # Left by a supervisor that was killed: they would still answer as ready while the new one ends them.
        supervisor.end_orphans(self.home, say=self._say)
        self._say(f"starting {', '.join(spec.name for spec in specs)}")
        log = self.home / "logs/supervisor.log"
        identity = processes.start(
            [sys.executable, "-m", "deploy.native.supervisor", str(self.home), *self._keep_forking()],
            log=log, cwd=plan.REPOSITORY,
            env={name: value for name, value in os.environ.items() if name in plan.PASSED_THROUGH},
        )  # fmt: skip
        deadline = time.monotonic() + _SUPERVISOR_LIMIT_SECONDS
        while self._supervisor is None:
            if not identity.alive() or time.monotonic() > deadline:
                raise NativeError(f"the supervisor did not start; {log}:\n{processes.tail(log)}")
            time.sleep(0.05)

    def _keep_forking(self) -> list[str]:
        """Let fork servers of tests stay: processes end there minutes apart, and each server loads all programs."""
        return [str(_FORKING_FOR_TESTS_SECONDS)] if self._for_tests else []

    def _wait(self, specs: Sequence[plan.ProcessSpec], timeout_s: float) -> None:
        wanted = {spec.name: spec for spec in specs}
        late = readiness.wait_all(
            list(wanted),
            timeout_s=timeout_s,
            is_ready=lambda name: self._is_ready(wanted[name]),
            on_ready=lambda name: self._say(f"  {name} is ready"),
            hopeless=lambda name: self._restarts(name) >= _HOPELESS_RESTARTS,
        )
        if not late:
            return
        culprits = [name for name in late if self._restarts(name) >= _HOPELESS_RESTARTS] or late
        logs = "\n".join(f"--- {self._log(name)}\n{processes.tail(self._log(name))}" for name in culprits[:3])
        raise NativeError(f"not ready: {', '.join(late)}. The last lines of their logs:\n{logs}")

    def _is_ready(self, spec: plan.ProcessSpec) -> bool:
        """Say whether the process answers that was started from this very description, not its predecessor."""
        path = self._pid_file(spec.name)
        mine = processes.load(path) is not None and processes.record(path).get("fingerprint") == spec.fingerprint
        return mine and readiness.ready(spec.ready_url)

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _restarts(self, name: str) -> int:
        """Return how often a process was started again since the supervisor took it up."""
        return int(processes.record(self._pid_file(name)).get("restarts", 0))

    def down(self, *, volumes: bool) -> None:
        """End every process and server that `up` started, and nothing else; with `volumes` delete all data."""
        self._end_processes()
        if packages.missing_servers():
            return  # nothing of ours can be running without the programs
        infrastructure = self.infrastructure
        if any(infrastructure.running().values()):
            self._say("stopping RabbitMQ and PostgreSQL")
            infrastructure.stop()
        if volumes:
            self._say(f"deleting all data below {self.home}")
            infrastructure.remove()
            # Backups below here as well: their keys go too, and without them they are noise.
            scratch.clear(self.home / "backup-work")
            for name in contents.FOLDERS:
                shutil.rmtree(self.home / name, ignore_errors=True)
            for name in ("plan.json", "ports.json", "supervisor.lock", users.FILE):
                (self.home / name).unlink(missing_ok=True)

    def _end_processes(self) -> None:
        running = self._supervisor
        if running is not None:
            self._say("ending the processes (35 seconds at most)")
            processes.end(running, grace_s=supervisor.GRACE_SECONDS + 10)
        supervisor.end_orphans(self.home, say=self._say)
        (self.home / "supervisor.json").unlink(missing_ok=True)

    @property
    def name(self) -> str:
        """What this system is called by whoever deletes it: the folder that its own one lies in."""
        return self.home.name if not self.home.name.startswith(".") else self.home.parent.name

    @property
    def environment_name(self) -> str:
        """What it runs as, or ran as last; without a plan what it would run as now."""
        environments = {spec.env.get("VILKAR_ENVIRONMENT", "production") for spec in plan.load(self._plan_file)}
        environments.add(self._settings.get("VILKAR_ENVIRONMENT", "demo"))
        return min(environments, key=lambda each: each in ("demo", "test"))

    def restart(self, name: str, *, timeout_s: float = READY_LIMIT_SECONDS) -> None:
        """Start one process (all its instances), one server, or `all` processes anew."""
        if name in SERVERS:
            self._restart_server(name)
            return
        specs = plan.load(self._plan_file)
        hit = [spec for spec in specs if name in (spec.name, spec.name.partition("-")[0], "all")]
        running = self._supervisor
        if not hit or running is None:
            known = ", ".join([spec.name for spec in specs] + list(SERVERS))
            raise NativeError(
                f"{name} does not run here; there are: {known}" if running else "nothing runs: make up"
            )
        again = [replace(spec, generation=spec.generation + 1) if spec in hit else spec for spec in specs]
        plan.save(again, self._plan_file)
        self._say(f"restarting {', '.join(spec.name for spec in hit)}")
        running.send(supervisor.REREAD)
        self._wait([spec for spec in again if spec.name in {old.name for old in hit}], timeout_s)

    def upgrade(self, *, timeout_s: float = READY_LIMIT_SECONDS) -> None:
        """Start every process anew from the sources as they are now, one after the other; the servers run on.

        Messages and calls for a process that is away wait at the broker until it is back, requests at the proxy,
        which runs on where nothing of it has changed: a new one would refuse connections while it starts.
        """
        previous = plan.load(self._plan_file)
        running = self._supervisor
        if running is None:
            raise NativeError("nothing runs: make up")
        programs_by_name = {program.name: program for program in plan.PROGRAMS}
        chosen = [(spec.name, programs_by_name[spec.name.partition("-")[0]]) for spec in previous]
        whose = self._choose_users()
        if whose != users.load(self.home) or self._misplaced(self.ports):
            self._bring_up(chosen, whose, timeout_s)  # this once not one after the other
        else:
            self._one_after_the_other(chosen, previous, running, timeout_s)
        for line in self.infrastructure.broker.take_up_definitions(upgraded=True):
            self._say(line)

    def _one_after_the_other(
        self,
        chosen: Sequence[tuple[str, plan.Program]],
        previous: Sequence[plan.ProcessSpec],
        running: processes.ProcessIdentity,
        timeout_s: float,
    ) -> None:
        self.infrastructure.start()
        ports = self._allot([spec.name for spec in previous])
        self._migrate(ports)
        made = self._make(chosen, ports, previous)
        current = list(previous)
        for place, spec in enumerate(made):
            if spec.name == PROXY and spec == previous[place]:
                continue
            current[place] = replace(spec, generation=spec.generation + 1)
            self._command(running, current)
            self._wait([current[place]], timeout_s)

    def backup(self, *arguments: str) -> int:
        """Run `python -m deploy.backup` with these arguments; returns its exit status."""
        env = self._environment(users.BACKUP, self.ports)
        argv: Sequence[str] = [sys.executable, "-m", "deploy.backup", *arguments]
        command = arguments[0] if arguments else ""
        if not command.startswith("fetch"):
            argv, env = self._start_as(users.BACKUP, argv, env, *([users.RESTORE] if command == "restore" else []))
            if command == "take":
                self._note_door(Door.BACKUP)
            return _status_of(argv, env)
        # What it fetches belongs to others, or goes where root says.
        status = _status_of(argv, env)
        self._put_right(self.ports)
        return status

    def keys(self, *arguments: str) -> int:
        """Run `python -m deploy.keys` with these arguments; returns its exit status. The keyring must run."""
        if not self.infrastructure.running()["keyring"]:
            raise NativeError("the keyring does not run: make up")
        argv = [sys.executable, "-m", "deploy.keys", *arguments]
        command = arguments[0] if arguments else ""
        if command in CHANGE_KEYS:
            self._note_door(Door(f"keys_{command}"))
        return _status_of(argv, self._environment("keyring_keeper", self.ports))

    def _note_door(self, door: Door) -> None:
        """Note that a door of the machine is about to be opened, whatever comes of it; staff take it up."""
        env = self._environment("staff", self.ports)
        state_dir = Path(env["VILKAR_STATE_DIR"])
        noted.write(state_dir, door, Clock(state_dir, environment=env["VILKAR_ENVIRONMENT"]).now())

    def restore(self, *arguments: str, timeout_s: float = READY_LIMIT_SECONDS) -> int:
        """Stop every process, restore from a backup, bring the tables up to date and start what ran.

        Returns the exit status of the restore; one that was refused or failed has changed nothing, and what ran is
        started again all the same. Each service then replays the ledger before it serves.
        """
        if self._supervisor is None:
            raise NativeError("nothing runs: make up")
        status = self.backup("choose", *arguments)
        if status != 0:
            return status

        def put_back() -> int:
            status = self.backup("restore", *arguments)
            self._migrate(self.ports)
            return status

        self._note_door(Door.RESTORE)
        return self._while_stopped(put_back, timeout_s)

    def accept_ledger(self, *arguments: str, timeout_s: float = READY_LIMIT_SECONDS) -> int:
        """Run `python -m deploy.provision.ledger accept` with these arguments; returns its exit status.

        With `--yes` every process is stopped meanwhile, and what ran is started again.
        """
        argv = [sys.executable, "-m", "deploy.provision.ledger", "accept", *arguments]
        env = self._environment("migrate", self.ports)

        running = [spec.name for spec in plan.load(self._plan_file)]

        def accept() -> int:
            status = _status_of(argv, env)
            self._put_right(self.ports)
            if "--yes" in arguments and status == 0:
                self._begin_ledger(self.ports, running)
            return status

        if self._supervisor is None:
            raise NativeError("nothing runs: make up")
        return self._while_stopped(accept, timeout_s) if "--yes" in arguments else accept()

    def _while_stopped(self, work: Callable[[], int], timeout_s: float) -> int:
        """Stop every process, do the work, start what ran whatever became of it; the work's exit status."""
        specs, running = plan.load(self._plan_file), self._supervisor
        if running is None:
            raise NativeError("nothing runs: make up")
        self._say("ending the processes (35 seconds at most)")
        self._command(running, [])
        try:
            self._wait_gone(specs)
            status = work()
        finally:
            self._say(f"starting {', '.join(spec.name for spec in specs)}")
            self._command(running, specs)
        self._wait(specs, timeout_s)
        return status

    def _command(self, running: processes.ProcessIdentity, specs: Sequence[plan.ProcessSpec]) -> None:
        plan.save(specs, self._plan_file)
        running.send(supervisor.REREAD)

    def _wait_gone(self, specs: Sequence[plan.ProcessSpec]) -> None:
        deadline = time.monotonic() + supervisor.GRACE_SECONDS + 10
        while left := [spec.name for spec in specs if processes.load(self._pid_file(spec.name)) is not None]:
            if time.monotonic() > deadline:
                raise NativeError(f"still running, so nothing was changed: {', '.join(left)}")
            time.sleep(0.1)

    def _pid_file(self, name: str) -> Path:
        return self.home / "pids" / f"{name}.json"

    def _restart_server(self, name: str) -> None:
        infrastructure = self.infrastructure
        if not infrastructure.exists():
            raise NativeError("nothing runs: make up")
        self._say(f"restarting {name}")
        infrastructure.server(name).stop()
        infrastructure.start()

    def status(self) -> list[State]:
        """Return the state of every server and process of the plan."""
        return [*self._server_states(), *(self._process_state(spec) for spec in plan.load(self._plan_file))]

    def _server_states(self) -> list[State]:
        if packages.missing_servers() or not self.infrastructure.exists():
            return [State(name, ready=False) for name in SERVERS]
        infrastructure = self.infrastructure
        broker = infrastructure.broker
        states = [
            ("db", infrastructure.db.running(), infrastructure.db.port),
            ("keyring", infrastructure.keyring.running(), infrastructure.keyring.port),
            ("rabbitmq", broker.running(), broker.amqp_port),
        ]
        return [
            State(name, identity is not None, *_pid_and_age(identity), address=f"{LOOPBACK}:{port}")
            for name, identity, port in states
        ]

    def _process_state(self, spec: plan.ProcessSpec) -> State:
        identity = processes.load(self._pid_file(spec.name))
        ready = identity is not None and readiness.ready(spec.ready_url)
        return State(spec.name, ready, *_pid_and_age(identity), self._restarts(spec.name), spec.ready_url)

    def desk_environment(self) -> dict[str, str]:
        """Return the environment in which the `vilkar` command reaches this system."""
        if self._supervisor is None:
            raise NativeError("nothing runs: make up")
        infrastructure = self.infrastructure
        wide = {
            **{name: value for name, value in self._settings.items() if name == plan.FOLDER_OF_SETTINGS},
            "VILKAR_SEARCH_PLACES": plan.search_places(self.home, infrastructure.root),
            "VILKAR_BACKUP_OPENED_WITH": str(infrastructure.secrets_root / "backup"),
        }
        return {**wide, **self._environment("vilkar", self.ports)}

    def service_environment(self, folder: str) -> dict[str, str]:
        """Return the environment in which a command has the database and the secrets of one service."""
        if self._supervisor is None:
            raise NativeError("nothing runs: make up")
        return self._environment(folder, self.ports)

    def outside_service(self, name: str, *options: str) -> int:
        """Run `python -m deploy.provision.outside_service` for a name; returns its exit status."""
        infrastructure = self.infrastructure
        if not infrastructure.running()["rabbitmq"]:
            raise NativeError("the broker does not run: make up")
        broker = infrastructure.broker
        return provision_outside(
            [
                name,
                str(infrastructure.secrets_root),
                broker.management_url,
                "--amqp",
                f"{LOOPBACK}:{broker.amqp_port}",
                *options,
            ]
        )

    def searching_desk(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run the `vilkar` command with a broker user that may look into queues; returns its exit status."""
        infrastructure = self.infrastructure
        argv = [sys.executable, "-m", "deploy.vilkar", *arguments]
        with search_user.searching(infrastructure.secrets_root, infrastructure.broker.management_url) as user:
            return subprocess.run(argv, env={**environment, **user}, check=False).returncode

    def _environment(self, folder: str, ports: Mapping[str, int]) -> dict[str, str]:
        return plan.environment(self.infrastructure, self.home, folder, ports, given=self._settings)

    def log_files(self, names: Sequence[str]) -> list[Path]:
        """Return the log files of the named processes (of all without a name)."""
        files = sorted((self.home / "logs").glob("*.log"))
        wanted = [file for file in files if not names or file.stem in names or file.stem.partition("-")[0] in names]
        if not wanted:
            raise NativeError(f"no such log; there are: {', '.join(file.stem for file in files) or 'none'}")
        return wanted


def _status_of(argv: Sequence[str], env: Mapping[str, str]) -> int:
    return subprocess.run(argv, cwd=plan.REPOSITORY, env=env, stdin=subprocess.DEVNULL, check=False).returncode


def _pid_and_age(identity: processes.ProcessIdentity | None) -> tuple[int | None, float | None]:
    if identity is None:
        return None, None
    return identity.pid, identity.age_s()
