"""The whole system for tests: every process, real servers, driven from outside only.

Fixtures:

`whole_system` (session)  a `WholeSystem` in a home of its own (tests.server_folders says where), removed after the
                          last of the tests that share it: the others are not to run beside a system at rest.
`system`                  the same, once every process of it says that it is ready.

To keep one between runs, name a folder of your own:

    VILKAR_TEST_SYSTEM=/tmp/my-system pytest -m e2e
    VILKAR_RUN_DIR=/tmp/my-system python -m deploy.native reset
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import time
import warnings
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import requests

from deploy.native import plan, ports, processes, readiness, supervisor
from deploy.native.system import NativeSystem
from deploy.provision import rabbitmq, search_user, secrets
from services.desk.cli.connection import http_to, in_session, let_in
from services.desk.cli.http_caller import DeskAddress
from services.desk.cli.session_file import SessionFile
from services.desk.client import Desk
from services.desk.known_calls import known_call
from shared import config
from shared.demo_staff import PEOPLE
from shared.errors import Unavailable
from shared.staff import act_name, acts
from shared.system import VIRTUAL_HOST
from tests import forked
from tests.log_lines import faults_in
from tests.plugins.infrastructure import let_in_at_once
from tests.plugins.parallel import unit_of
from tests.server_folders import new_folder, remove_leftovers
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.native.infrastructure import Infrastructure

_PREFIX = "vilkar-system-"
_START_SECONDS = 240.0
_READY_SECONDS = 90.0
_ANSWER_SECONDS = 30
STAFF = PEOPLE[0].code
EVERYTHING = tuple(program.name for program in plan.PROGRAMS)
SETTINGS = {
    "VILKAR_ENVIRONMENT": "test",
    "VILKAR_INVENTED_PEOPLE": "yes",
    # Every customer of a test comes from an address of its own, as customers do.
    "VILKAR_TRUSTED_PROXY": "127.0.0.1",
    # A service of somebody else whose events ours may hear; who takes part in erasures is told by a test.
    "VILKAR_OUTSIDE_SERVICES": "nogd",
    # Backups are taken when a test wants one: the clock is moved by months here, and each move makes one due.
    "VILKAR_BACKUP_FIRST_SECONDS": "86400",
}


class _Staff:
    """The invented people at their desks, each begun when first needed."""

    def __init__(self, system: WholeSystem, desks: ExitStack, seconds: float) -> None:
        self._system = system
        self._desks = desks
        self._seconds = seconds
        self._begun: dict[str, Desk] = {}

    def act(self, service: str, method: str, fields: dict[str, Any]) -> Any:
        """Make an act as somebody who has a role for it; its reply as JSON values."""
        roles = set(acts()[act_name(service, method)].act.roles)
        code = next(person.code for person in PEOPLE if roles & person.grants.keys())
        if code not in self._begun:
            self._begun[code] = self._desks.enter_context(self._system.at_desk(code))
        if "actor" in {each.name for each in dataclasses.fields(known_call(service, method))}:
            fields = {**fields, "actor": f"staff:{code}"}
        said = json.loads(json.dumps(fields, default=str))
        ask = partial(self._begun[code].caller.call, service, method, timeout_seconds=self._seconds, **said)
        if acts()[act_name(service, method)].changes:
            return ask()
        until = time.monotonic() + self._seconds
        while True:
            try:
                return ask()
            except Unavailable:  # the desk is started anew: at the broker a call would have waited for it
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)


class _Services:
    """By attribute or item, each service; by attribute of that, its calls."""

    def __init__(self, proxy: Any, staff: _Staff) -> None:
        self._proxy = proxy
        self._staff = staff

    def __getattr__(self, service: str) -> Any:
        return self[service]

    def __getitem__(self, service: str) -> Any:
        return _Calls(service, self._proxy[service], self._staff)


class _Calls:
    """The calls of one service: acts are made at the desk, all others as a plain client does."""

    def __init__(self, service: str, proxy: Any, staff: _Staff) -> None:
        self._service = service
        self._proxy = proxy
        self._staff = staff

    def __getattr__(self, method: str) -> Any:
        if act_name(self._service, method) in acts():
            return lambda **fields: self._staff.act(self._service, method, fields)
        return getattr(self._proxy, method)


class WholeSystem:
    """A running system and the doors it has to the outside."""

    def __init__(self, home: Path) -> None:
        """Describe the system below `home`; `start` starts it."""
        self.home = home
        self.said: list[str] = []
        self.native = NativeSystem(
            home,
            self.said.append,
            settings=SETTINGS | self._ports_of_its_own(),
            for_tests=True,
            owner=processes.identity_of(os.getpid()),
        )

    def start(self, **scale: int) -> None:
        """Bring everything up, or to another number of replicas, and wait until all are ready."""
        self.native.up(selected=EVERYTHING, scale=scale, timeout_s=_START_SECONDS)

    def _ports_of_its_own(self) -> dict[str, str]:
        """Ports for a new system's faces, which otherwise want the same two: several start at the same moment."""
        if (self.home / "ports.json").exists():
            return {}
        chosen = ports.choose(list(plan.FACES))
        return {setting: str(chosen[name]) for name, setting in plan.ASKED_PORTS.items()}

    # ── its doors ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def gateway(self) -> str:
        """Address of the public interface."""
        return f"http://127.0.0.1:{self.native.ports['public']}"

    @property
    def sandbox(self) -> str:
        """Address of the stand-in for the vendors."""
        return f"http://127.0.0.1:{self.native.ports['sandbox']}"

    @cached_property
    def infrastructure(self) -> Infrastructure:
        """The servers."""
        return self.native.infrastructure

    @property
    def broker_uri(self) -> str:
        """The AMQP address for somebody outside, who may do everything."""
        password = self.secret("rabbitmq", "admin_password")
        port = self.infrastructure.broker.amqp_port
        return f"amqp://{rabbitmq.ADMINISTRATOR}:{password}@127.0.0.1:{port}/{VIRTUAL_HOST}"

    def secret(self, folder: str, name: str) -> str:
        """One secret of one process."""
        return secrets.read(self.infrastructure.secrets_root, folder, name)

    def rows(self, database: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Look into a database as its superuser."""
        server = self.infrastructure.keyring if database == "keyring" else self.infrastructure.db
        with psycopg.connect(server.dsn(database)) as connection:
            return connection.execute(query, parameters).fetchall()

    def control(self, path: str, **query: str) -> Any:
        """Look at the sandbox."""
        answer = requests.get(f"{self.sandbox}/control{path}", params=query, timeout=_ANSWER_SECONDS)
        answer.raise_for_status()
        return answer.json()

    @contextmanager
    def bus(self, *, seconds: float = 20.0) -> Iterator[Any]:
        """The services as a plain nameko client reaches them: `bus.account.ping()`; `bus["billing-sync"]`.

        What takes a person of staff goes by way of the desk, as one of the invented people who may do it.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # eventlet says at every import that it is old
            from nameko.amqp.publish import Publisher
            from nameko.rpc import MethodProxy
            from nameko.standalone.rpc import ClusterRpcProxy

        # nameko has no other place for it; other tests of this process speak under other names.
        usual, MethodProxy.publisher_cls = (
            MethodProxy.publisher_cls,
            partial(Publisher, user_id=rabbitmq.ADMINISTRATOR),
        )
        try:
            with ClusterRpcProxy({"AMQP_URI": self.broker_uri}, timeout=seconds) as proxy, ExitStack() as desks:
                yield _Services(proxy, _Staff(self, desks, seconds))
        finally:
            MethodProxy.publisher_cls = usual

    # ── staff ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def desk_environment(self) -> dict[str, str]:
        """The environment in which the `vilkar` command runs, logged in as the first of the invented people."""
        return {**self.native.desk_environment(), "VILKAR_SESSION_FILE": str(self.session_file(STAFF))}

    def at_desk(self, code: str) -> AbstractContextManager[Desk]:
        """The desk of one of the invented people."""
        file = SessionFile(self.session_file(code))
        return in_session(file.read(), file)

    def session_file(self, code: str) -> Path:
        """The file with a session of one of the invented people, which is begun where there is none yet."""
        file = SessionFile(self.home / "sessions" / f"{code}.json")
        if not file.path.exists():
            told = self.native.desk_environment()
            with http_to(DeskAddress.of(told["VILKAR_DESK_PUBLIC_URL"], told)) as http:
                file.write(let_in(http, code))
        return file.path

    @property
    def settings(self) -> config.Settings:
        """The desk's settings."""
        return config.load(self.desk_environment)

    def command(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `vilkar` to its end, whatever that is; with the user that may look into queues where it searches."""
        broker = self.infrastructure.broker
        searching = search_user.searching(self.infrastructure.secrets_root, broker.management_url)
        with searching if "demo" in arguments else nullcontext({}) as user:
            told = {**self.desk_environment, **user, **environment}
            return forked.run("tests.forked_vilkar", *arguments, env=told)

    def vilkar(self, *arguments: object) -> Any:
        """Run `vilkar … --json`, which must succeed; what it printed."""
        ended = self.command(*arguments, "--json")
        assert ended.returncode == 0, f"vilkar {arguments}: {ended.returncode}\n{ended.stderr}\n{ended.stdout}"
        return json.loads(ended.stdout)

    # ── its processes ─────────────────────────────────────────────────────────────────────────────────────

    def identity(self, name: str) -> processes.ProcessIdentity | None:
        """Which process runs under a name now."""
        return processes.load(self.home / "pids" / f"{name}.json")

    def kill(self, name: str) -> None:
        """End a process as a power cut would, and wait until the supervisor has started another."""
        before = self.identity(name)
        assert before is not None, f"{name} does not run"
        assert before.send(signal.SIGKILL)
        until(lambda: self.identity(name) not in {None, before}, what=f"another {name}", seconds=60)

    @contextmanager
    def standing_still(self, name: str) -> Iterator[None]:
        """One process holds still until the end of the block, as on an overloaded or failing machine."""
        process = self.identity(name)
        assert process is not None, f"{name} does not run"
        assert process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            assert process.send(signal.SIGCONT)

    def wait_ready(self) -> None:
        """Wait until every process of the plan says that it is ready."""
        specs = {spec.name: spec.ready_url for spec in plan.load(self.home / "plan.json")}
        until(
            lambda: all(readiness.ready(url) for url in specs.values()),
            what=f"all of {', '.join(specs)} ready",
            seconds=_READY_SECONDS,
        )

    @contextmanager
    def told(self, name: str, **settings: str) -> Iterator[None]:
        """Let one process run with further settings, and without them again afterwards."""
        self._tell(name, settings)
        try:
            yield
        finally:
            self._tell(name, dict.fromkeys(settings))

    def _tell(self, name: str, settings: dict[str, str | None]) -> None:
        file = self.home / "plan.json"
        before = self.identity(name)
        plan.save([_with(spec, settings) if spec.name == name else spec for spec in plan.load(file)], file)
        keeper = processes.load(self.home / "supervisor.json")
        assert keeper is not None
        assert keeper.send(supervisor.REREAD)
        until(lambda: self.identity(name) not in {None, before}, what=f"{name} started anew", seconds=60)
        self.wait_ready()


def _with(spec: plan.ProcessSpec, settings: dict[str, str | None]) -> plan.ProcessSpec:
    merged = {**spec.env, **settings}
    return replace(spec, env={name: value for name, value in merged.items() if value is not None})


def _remove_if_abandoned(home: Path) -> None:
    abandoned = NativeSystem(home, lambda _: None, for_tests=True)
    infrastructure = abandoned.infrastructure
    owner = infrastructure.settings.owner if infrastructure.exists() else None
    if owner is not None and not owner.alive():
        abandoned.down(volumes=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def whole_system() -> Iterator[WholeSystem]:
    kept = os.environ.pop("VILKAR_TEST_SYSTEM", None)  # no setting of the processes
    if kept:
        standing = WholeSystem(Path(kept))
        standing.start()
        yield standing
        return
    remove_leftovers(_PREFIX, _remove_if_abandoned)
    own = WholeSystem(new_folder(_PREFIX))
    try:
        own.start()
        let_in_at_once(own.infrastructure)
        yield own
    finally:
        wrong = [fault for log in sorted((own.home / "logs").glob("*.log")) for fault in faults_in(log)]
        own.native.down(volumes=True)
        shutil.rmtree(own.home)
    assert not wrong, wrong


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Remove the system when the last of its tests is over, not at the end of the run."""
    if nextitem is not None and unit_of(nextitem.nodeid) == unit_of(item.nodeid):
        return
    for made in item.session._fixturemanager.getfixturedefs("whole_system", item) or ():
        made.finish(item._request)


@pytest.fixture
def system(whole_system: WholeSystem) -> WholeSystem:
    """The system, all of it ready."""
    whole_system.wait_ready()
    return whole_system
