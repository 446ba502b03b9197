"""Which processes run natively, where each listens, and what each is told."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import ports
from deploy.native.fork_server import COOPERATIVE, THREADED
from deploy.native.ports import LOOPBACK
from shared import production
from shared.system import DATABASES, VIRTUAL_HOST, wire_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deploy.native.infrastructure import Infrastructure

REPOSITORY = Path(__file__).resolve().parents[2]
PUBLIC = "public"
GATEWAY_INNER = "gateway_inner"
PAGES = "desk_pages"
FACES = {PUBLIC: 8000, PAGES: 8010, "sandbox": 8025}
"""What people look at, with the ports these have where they are free."""

LISTENERS = {PUBLIC: "proxy", GATEWAY_INNER: "gateway", PAGES: "desk"}
"""Ports that are not a process's own, by which it says how it is, with the process that listens there."""

ASKED_PORTS = {PUBLIC: "VILKAR_GATEWAY_PORT", PAGES: "VILKAR_DESK_PORT", "sandbox": "VILKAR_SANDBOX_PORT"}
"""The settings by which somebody asks for the port of a face; what is not asked for is chosen."""

SCALE_LIMIT = 64

MEMORY = {"MALLOC_MMAP_THRESHOLD_": "1048576"}
"""Makes the C library give large blocks back when they are freed. A password hash takes 19 MiB for 20 ms; without
this every thread that ever computed one keeps them. deploy/Dockerfile sets the same."""

PASSED_THROUGH = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TZ")
"""What a process gets of the environment of whoever starts it, besides his VILKAR_ settings."""

FOLDER_OF_SETTINGS = "XDG_CONFIG_HOME"
"""Where a person's session lies is said by whoever calls `vilkar`, and is nothing to a process."""


class PlanError(Exception):
    """A process list or a scale was asked for that cannot be had."""


@dataclass(frozen=True)
class Program:
    """One kind of process: its module, whether several may run side by side, and where it says that it is ready.

    The name is also that of its folder of secrets. `kind` says with which others it is forked from one process
    (deploy.native.fork_server); it is nothing where it is a program of its own.
    """

    name: str
    module: str
    scalable: bool = True
    ready_path: str = "/readyz"
    kind: str = THREADED


PROGRAMS: tuple[Program, ...] = (
    Program("sandbox", "sandbox", scalable=False, ready_path="/"),
    *(Program(name, f"services.{name}", kind=COOPERATIVE) for name in DATABASES),
    Program("relay", "services.relay"),
    Program("gateway", "services.gateway", scalable=False),
    Program("desk", "services.desk.web", scalable=False),
    Program("proxy", "deploy.native.proxy", scalable=False, kind=""),
    Program("backup", "deploy.backup.daemon", scalable=False),
)


@dataclass(frozen=True)
class ProcessSpec:
    """One process to keep running; `generation` grows when it is to be started anew."""

    name: str
    argv: tuple[str, ...]
    ready_url: str
    env: dict[str, str] = field(default_factory=dict)
    generation: int = 0

    @property
    def fingerprint(self) -> str:
        """Return what tells a process started from this description from one started from an earlier one."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def save(specs: Sequence[ProcessSpec], path: Path) -> None:
    """Write the plan that the supervisor follows."""
    draft = path.with_name(f".{path.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps([asdict(spec) for spec in specs], indent=1))
    draft.replace(path)


def load(path: Path) -> list[ProcessSpec]:
    """Return the plan in `path`, or an empty one where there is none."""
    try:
        records = json.loads(path.read_text())
    except FileNotFoundError:
        return []
    return [ProcessSpec(**{**record, "argv": tuple(record["argv"])}) for record in records]


def instances(selected: Sequence[str], scale: Mapping[str, int]) -> list[tuple[str, Program]]:
    """Return the name of each process to run with its program: account, notification, notification-2, ..."""
    known = {program.name: program for program in PROGRAMS}
    for name in (*selected, *scale):
        if name not in known:
            raise PlanError(f"there is no process {name!r}; there are {', '.join(known)}")
    specs = []
    for program in PROGRAMS:
        count = scale.get(program.name, 1)
        if program.name not in selected:
            continue
        if not 0 <= count <= SCALE_LIMIT or (count > 1 and not program.scalable):
            limit = SCALE_LIMIT if program.scalable else 1
            raise PlanError(f"{program.name} can run {limit} times at most, not {count}")
        specs += [(program.name if n == 1 else f"{program.name}-{n}", program) for n in range(1, count + 1)]
    return specs


def allot_ports(
    names: Sequence[str], earlier: Mapping[str, int], *, live: set[str], settings: Mapping[str, str]
) -> dict[str, int]:
    """Return a port per process and per listener, of the faces even where they do not run, for they are told.

    A port of a process in `live` is kept unchecked: it is taken because that process of ours listens there. So is
    one where nobody is to listen now: whoever has it meanwhile is no reason to tell all processes of another, and
    to start them anew for that. A port that `settings` ask for is had or refused with a PlanError; it is never
    exchanged for another in silence.
    """
    earlier = dict(earlier)
    if PUBLIC not in earlier and "gateway" in earlier:
        # Written before there was a proxy: customers know this port, and links in letters name it.
        earlier[PUBLIC] = earlier.pop("gateway")
        live = live | {"proxy"} if "gateway" in live else live
    wanted = list(dict.fromkeys([*FACES, *LISTENERS, *names]))
    asked = _asked_ports(settings)
    unchanged = {
        name: port
        for name, port in earlier.items()
        if name in wanted
        and asked.get(name, port) == port
        and ((listener := LISTENERS.get(name, name)) in live or listener not in names)
    }
    for name in asked.keys() - unchanged.keys():
        if not ports.is_free(asked[name]):
            raise PlanError(f"{ASKED_PORTS[name]}={asked[name]}: something listens on that port already")
    preferred = {**FACES, **earlier, **asked}
    chosen = ports.choose(
        [name for name in wanted if name not in unchanged], preferred=preferred, taken=unchanged.values()
    )
    return {**unchanged, **chosen}


def _asked_ports(settings: Mapping[str, str]) -> dict[str, int]:
    asked = {}
    for name, setting in ASKED_PORTS.items():
        text = settings.get(setting, "")
        if not text:
            continue
        if not text.isdecimal() or not 0 < int(text) < ports.BEYOND_LAST:
            raise PlanError(f"{setting} must be a TCP port, not {text!r}")
        asked[name] = int(text)
    if len(set(asked.values())) < len(asked):
        raise PlanError(f"{' and '.join(ASKED_PORTS.values())} name the same port")
    return asked


def environment(
    infrastructure: Infrastructure,
    home: Path,
    folder: str,
    allotted: Mapping[str, int],
    *,
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the environment of the process whose secrets are in `folder`; no secret is in it.

    Settings in `given`, by default the caller's own environment, win over what is usual here: a real Mailgun
    address in place of the sandbox's. Ports are the allotted ones, which `allot_ports` took from the same settings:
    they are read once, so that where a process listens and where it is looked for never differ.
    """
    outer = os.environ if given is None else given
    state = outer.get("VILKAR_STATE_DIR") or str(home / "state")
    own = {
        "VILKAR_ENVIRONMENT": "demo",
        "VILKAR_DB_HOST": LOOPBACK,
        "VILKAR_DB_PORT": str(infrastructure.db.port),
        "VILKAR_KEYRING_HOST": LOOPBACK,
        "VILKAR_KEYRING_PORT": str(infrastructure.keyring.port),
        "VILKAR_BROKER_HOST": LOOPBACK,
        "VILKAR_BROKER_PORT": str(infrastructure.broker.amqp_port),
        "VILKAR_BROKER_VHOST": VIRTUAL_HOST,
        "VILKAR_GATEWAY_HOST": LOOPBACK,
        "VILKAR_DESK_HOST": LOOPBACK,
        "VILKAR_GATEWAY_INNER_PORT": str(allotted[GATEWAY_INNER]),
        "VILKAR_FRONT_PROXY": LOOPBACK,
        "VILKAR_STATE_DIR": state,
        "VILKAR_CERTIFICATES_DIR": f"{state}/certificates",
        "VILKAR_CHECKPOINTS_DIR": f"{state}/audit",
        "VILKAR_BACKUP_STATE_DIR": f"{state}/backup",
        "VILKAR_SANDBOX_STATE_DIR": f"{state}/sandbox",
        "VILKAR_BACKUP_TARGET": str(home / "backups"),
        "VILKAR_BACKUP_WORK_DIR": str(home / "backup-work"),
        "VILKAR_LEDGER_DIR": str(home / "ledger"),
        "VILKAR_LEDGER_COPIES_DIR": str(home / "ledger-copies"),
        "VILKAR_HEALTH_HOST": LOOPBACK,
        "PYTHONUNBUFFERED": "1",
        **MEMORY,
        **({} if is_production(outer) else _demo_settings(allotted)),
    }
    passed = {name: outer[name] for name in outer if name in PASSED_THROUGH or name.startswith("VILKAR_")}
    fixed = {
        "VILKAR_SECRETS_DIR": str(infrastructure.secrets_root / folder),
        "VILKAR_BROKER_USER": wire_name(folder),
        **{setting: str(allotted[name]) for name, setting in ASKED_PORTS.items()},
    }
    return {**own, **passed, **fixed}


def search_places(home: Path, servers: Path) -> str:
    """Where a plain value could lie in files: the setting for `vilkar rediscover`. A narrower folder wins."""
    folders = {
        "everything else": home,
        "everything else of the servers": servers,
        "files of db": servers / "postgres/db",
        "WAL of db": servers / "postgres/db/data/pg_wal",
        "files of keyring": servers / "postgres/keyring",
        "WAL of keyring": servers / "postgres/keyring/data/pg_wal",
        "files of the broker": servers / "rabbitmq",
        "logs": home / "logs",
        "ledger copies": home / "ledger-copies",
        "backups as they lie": home / "backups",
        "work folder of backups": home / "backup-work",
    }
    return ",".join(f"{name}={folder}" for name, folder in folders.items())


def is_production(settings: Mapping[str, str]) -> bool:
    """Say whether the system is told to be the real one; on a machine of somebody's own it is a demo otherwise."""
    return settings.get("VILKAR_ENVIRONMENT") == "production"


def _demo_settings(allotted: Mapping[str, int]) -> dict[str, str]:
    """Point the vendors' addresses at the sandbox, and links at this machine: nothing must leave it.

    Production gets none of these: what it is not told itself it refuses to start without.
    """
    sandbox = f"http://{LOOPBACK}:{allotted['sandbox']}"
    gateway = f"http://{LOOPBACK}:{allotted[PUBLIC]}"
    return {
        "VILKAR_GATEWAY_PUBLIC_URL": gateway,
        "VILKAR_DESK_PUBLIC_URL": f"http://desk.localhost:{allotted[PAGES]}",
        "VILKAR_SANDBOX_HOST": LOOPBACK,
        "VILKAR_SANDBOX_WEBHOOK_URL": f"{gateway}/webhooks/mailgun",
        "VILKAR_MAILGUN_URL": f"{sandbox}/mailgun",
        "VILKAR_MAILGUN_DOMAIN": "mg.example.no",
        "VILKAR_ALARM_MAIL_ADDRESS": "alarm@mg.example.no",
        "VILKAR_ALARM_MAIL_SENDERS": "host.example=host:traffic",
        "VILKAR_SUPPORT_REPLY_DOMAIN": "mg.example.no",
        "VILKAR_TRIPLETEX_URL": f"{sandbox}/tripletex",
        "VILKAR_REGISTER_URL": f"{sandbox}/register",
        "VILKAR_DUTY_HOOK_URL": f"{sandbox}/pager/hook",
    }


def proxy_settings(allotted: Mapping[str, int]) -> dict[str, str]:
    """Return what deploy/haproxy/haproxy.cfg asks for beside what everybody is told."""
    return {
        "VILKAR_PROXY_HOST": LOOPBACK,
        "VILKAR_PROXY_GATEWAY": LOOPBACK,
        "VILKAR_PROXY_GATEWAY_HEALTH_PORT": str(allotted["gateway"]),
    }


def suitable(selected: Sequence[str], settings: Mapping[str, str]) -> list[str]:
    """Return which of the selected processes run in this environment: no sandbox in production.

    Raises PlanError where a setting would make a demo of production, before anything is started.
    """
    if not is_production(settings):
        return list(selected)
    if wrong := production.faults(settings):
        raise PlanError("this is no production yet:\n" + "\n".join(f"  - {each}" for each in wrong))
    return [name for name in selected if name != "sandbox"]


def make(
    chosen: Sequence[tuple[str, Program]],
    allotted: Mapping[str, int],
    previous: Sequence[ProcessSpec],
    environment_of: Callable[[str], dict[str, str]],
    start_as: Callable[[str, Sequence[str], dict[str, str]], tuple[Sequence[str], dict[str, str]]] | None = None,
) -> list[ProcessSpec]:
    """Return the plan for the chosen processes; an unchanged process keeps its generation and runs on.

    `start_as` makes of a program's name, command and environment those with which it is another user's.
    """
    generations = {spec.name: spec.generation for spec in previous}
    specs = []
    for name, program in chosen:
        env = environment_of(program.name)
        if program.name not in FACES:
            env["VILKAR_HEALTH_PORT"] = str(allotted[name])
        if program.name == "proxy":
            env |= proxy_settings(allotted)
        ready_url = f"http://{LOOPBACK}:{allotted[name]}{program.ready_path}"
        argv: Sequence[str] = (sys.executable, "-m", program.module)
        if start_as is not None:
            argv, env = start_as(program.name, argv, env)
        specs.append(ProcessSpec(name, tuple(argv), ready_url, env, generations.get(name, 0)))
    return specs
