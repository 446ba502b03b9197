"""The real compose file as a project of its own: own name, own ports, nothing shared with what runs already."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.native import ports
from shared.system import DATABASES, wire_name

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND_SECONDS = 120.0
UP_SECONDS = 600.0
BUILD_SECONDS = 840.0
IMAGE = "vilkar-under-test"
PREFIX = "vilkar-test-"
"""What the name of a project begins with; the id of the process that tests it follows."""

JOBS = frozenset({"secrets", "broker-settings", "broker-definitions", "provision", "migrate", "ledger-begin"})
SERVERS = frozenset({"db", "keyring", "broker", "proxy"})
FOLDERS = {wire_name(folder): folder for folder in (*DATABASES, "relay", "gateway", "desk", "sandbox", "backup")}
"""Our processes by service name, with the folder of secrets each may see."""


def docker(*arguments: str, check: bool = True, limit_s: float = COMMAND_SECONDS) -> str:
    result = subprocess.run(
        ["docker", *arguments], check=False, capture_output=True, text=True, timeout=limit_s, cwd=REPOSITORY
    )
    assert result.returncode == 0 or not check, f"docker {' '.join(arguments[:4])}:\n{result.stderr[-3000:]}"
    return result.stdout


@dataclass
class ComposeProject:
    """One run of docker-compose.yml."""

    name: str = field(default_factory=lambda: f"{PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}")
    ports: dict[str, int] = field(default_factory=lambda: ports.choose(["gateway", "desk", "sandbox"]))

    settings: dict[str, str] = field(default_factory=dict)
    """What would stand in `.env`."""

    @property
    def environment(self) -> dict[str, str]:
        """No VILKAR_ setting of whoever runs the tests gets in, but for other base images and the build's needs."""
        wanted = (
            "VILKAR_POSTGRES_IMAGE",
            "VILKAR_RABBITMQ_IMAGE",
            "VILKAR_HAPROXY_IMAGE",
            "VILKAR_PYTHON_IMAGE",
            "VILKAR_BUILD_CERTIFICATES",
        )
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("VILKAR_") or name in wanted
        }
        return {
            **kept,
            "VILKAR_IMAGE": IMAGE,
            "VILKAR_BACKUP_IMAGE": f"{IMAGE}-backup",
            "VILKAR_GATEWAY_PORT": str(self.ports["gateway"]),
            "VILKAR_DESK_PORT": str(self.ports["desk"]),
            "VILKAR_SANDBOX_PORT": str(self.ports["sandbox"]),
            **self.settings,
        }

    @property
    def desk_url(self) -> str:
        """Where the pages of staff are, by an address; they answer to `desk_host` alone."""
        return f"http://127.0.0.1:{self.ports['desk']}/"

    @property
    def desk_host(self) -> str:
        """Their host name, with the port."""
        return f"desk.localhost:{self.ports['desk']}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['sandbox']}"

    def run(self, *arguments: str, limit_s: float = COMMAND_SECONDS) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "compose", "--project-name", self.name, *arguments],
            check=False, capture_output=True, text=True, timeout=limit_s, cwd=REPOSITORY, env=self.environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def with_search_user(
        self, *arguments: str, limit_s: float = COMMAND_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """As `run run`, with a broker user that may look into queues."""
        return subprocess.run(
            ["sh", "deploy/with_search_user.sh", f"docker compose --project-name {self.name}", *arguments],
            check=False, capture_output=True, text=True, timeout=limit_s, cwd=REPOSITORY, env=self.environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def compose(self, *arguments: str, limit_s: float = COMMAND_SECONDS) -> str:
        result = self.run(*arguments, limit_s=limit_s)
        assert result.returncode == 0, (
            f"compose {' '.join(arguments[:4])}:\n{result.stdout}\n{result.stderr[-3000:]}"
        )
        return result.stdout

    def build(self) -> None:
        """Make the images, so that whoever starts it next finds all of them."""
        self.compose("build", limit_s=BUILD_SECONDS)

    def up(self, *arguments: str) -> None:
        result = self.run("up", "--build", "--detach", "--wait", *arguments, limit_s=UP_SECONDS)
        if result.returncode != 0:
            told = [result.stderr[-2000:], self.run("ps", "--all").stdout]
            # What the container itself said, and what its health check saw: the others say too much to read.
            for name in dict.fromkeys(re.findall(r"container (\S+) (?:is unhealthy|exited)", result.stderr)):
                service = name.removeprefix(f"{self.name}-").rsplit("-", 1)[0]
                told += [docker("inspect", "--format", "{{json .State}}", name)]
                told += [self.run("logs", "--no-color", "--tail", "60", service).stdout]
            raise AssertionError("compose up failed:\n" + "\n".join(told))

    def make(self, *arguments: str, limit_s: float = UP_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a verb of the Makefile on this project, with nobody to answer a question."""
        return subprocess.run(
            ["make", *arguments, f"COMPOSE=docker compose --project-name {self.name}"],
            check=False, capture_output=True, text=True, timeout=limit_s, cwd=REPOSITORY, env=self.environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What the engine knows of each container of the project, ended ones too."""
        ids = docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}").split()
        found: list[dict[str, Any]] = json.loads(docker("inspect", *ids)) if ids else []
        return [each for each in found if not services or service_of(each) in services]

    def running(self) -> list[dict[str, Any]]:
        return [each for each in self.containers() if service_of(each) not in JOBS]

    def inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of a service."""
        return self.run("exec", "-T", service, *command)

    def python(self, service: str, code: str) -> str:
        result = self.inside(service, "python", "-c", code)
        assert result.returncode == 0, f"in {service}:\n{result.stderr[-2000:]}"
        return result.stdout.strip()

    def leftovers(self) -> list[str]:
        """Every container, volume and network that bears the project's name."""
        label = f"label=com.docker.compose.project={self.name}"
        return [
            *docker("ps", "--all", "--filter", label, "--format", "{{.Names}}").split(),
            *docker("volume", "ls", "--filter", label, "--format", "{{.Name}}").split(),
            *docker("network", "ls", "--filter", label, "--format", "{{.Name}}").split(),
        ]

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "35")


def remove_abandoned() -> None:
    """Clear away projects of test runs that were killed: their containers start again with every engine."""
    wanted = ("ps", "--all", "--filter", "label=com.docker.compose.project", "--format")
    names = set(docker(*wanted, '{{.Label "com.docker.compose.project"}}').split())
    for name in sorted(names):
        owner = name.removeprefix(PREFIX).split("-")[0]
        if name.startswith(PREFIX) and not (owner.isdigit() and Path(f"/proc/{owner}").exists()):
            ComposeProject(name=name).down()


def service_of(container: dict[str, Any]) -> str:
    name: str = container["Config"]["Labels"]["com.docker.compose.service"]
    return name
