"""One RabbitMQ node of our own: own name, folders, port mapper, cookie and ports, loopback only."""

from __future__ import annotations

import json
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from deploy.native import processes, programs
from deploy.native.ports import LOOPBACK
from deploy.native.postgresql import ServerError
from deploy.provision import rabbitmq, retired_tiers
from shared.bus import topology
from shared.system import VIRTUAL_HOST

_PACKAGE = "rabbitmq-server"
_USER = "rabbitmq"
_POLL_SECONDS = 0.1
_STOP_GRACE_SECONDS = 30.0
_REQUEST_LIMIT_SECONDS = 120
"""On a busy machine it takes more than thirty to take up what all services declare."""
_TICKS = "-rabbit quorum_tick_interval 15000 -rabbit collect_statistics_interval 15000"
"""How often, in milliseconds, each quorum queue, channel and connection tells its figures: at the usual 5000 that
is most of what a broker with two hundred queues does at rest. A queue keeps what it was made with."""


@dataclass(frozen=True)
class Broker:
    """A RabbitMQ node with everything it owns below `folder`.

    `for_tests`: it is killed instead of shut down. `services`: it starts with what the services declare, and with
    what they need to hear the services of others named in `outside`.
    """

    folder: Path
    secrets_root: Path
    node: str
    amqp_port: int
    management_port: int
    mapper_port: int
    distribution_port: int
    admin_password: str
    for_tests: bool = False
    services: bool = True
    outside: tuple[str, ...] = ()

    @property
    def log(self) -> Path:
        return self.folder / "rabbitmq.log"

    @property
    def pid_file(self) -> Path:
        return self.folder.with_name("rabbitmq.pid")

    @property
    def mapper_pid_file(self) -> Path:
        return self.folder.with_name("epmd.pid")

    @property
    def environment(self) -> dict[str, str]:
        """What the node and its command-line tools must find set to mean this node and no other on the machine."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "environment"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "conf/rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "conf/advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "conf/enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{127,0,0,1}} {_TICKS}",
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
        }

    def running(self) -> processes.ProcessIdentity | None:
        """Return the broker's process that we started here, when it runs."""
        return processes.load(self.pid_file)

    def prepare(self) -> None:
        """Write the configuration and hand the folder to the user the node runs as."""
        user = programs.run_as(_USER)
        for folder in (self.folder, self.folder / "home", self.folder / "data"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            programs.give(folder, user)
        listeners = rabbitmq.Listeners(LOOPBACK, self.amqp_port, LOOPBACK, self.management_port)
        rabbitmq.write(
            self.secrets_root, self.folder / "conf", listeners, services=self.services, outside=self.outside
        )
        # An empty file of ours in place of the machine's /etc/rabbitmq/rabbitmq-env.conf.
        (self.folder / "environment").touch()
        for path in (self.folder / "conf", *(self.folder / "conf").iterdir(), self.folder / "environment"):
            programs.give(path, user)

    def launch(self) -> None:
        """Start Erlang's port mapper and the node; `wait_ready` says when it answers."""
        user = programs.run_as(_USER)
        mapper = programs.required(programs.epmd(), "erlang-base")
        server = programs.required(programs.rabbitmq_server(), _PACKAGE)
        if processes.load(self.mapper_pid_file) is None:
            # Started by us and not by the node, which would leave it behind as a daemon that nobody owns.
            identity = processes.start(
                [str(mapper), "-port", str(self.mapper_port), "-address", LOOPBACK],
                log=self.log, env=self.environment, cwd=Path("/"), user=user,
            )  # fmt: skip
            processes.save(identity, self.mapper_pid_file)
        identity = processes.start([str(server)], log=self.log, env=self.environment, cwd=Path("/"), user=user)
        processes.save(identity, self.pid_file)

    def wait_ready(self, deadline: float) -> None:
        """Wait until the node answers and is ours; `deadline` is an instant of time.monotonic()."""
        while True:
            try:
                # A request costs a hundred times as much, and there are a hundred looks before anybody listens.
                socket.create_connection((LOOPBACK, self.management_port), _REQUEST_LIMIT_SECONDS).close()
                overview = self.call("GET", "/api/overview").json()
                self.call("GET", f"/api/vhosts/{VIRTUAL_HOST}")
            except OSError as error:  # that of requests among them
                self._give_up_if_hopeless(error, deadline)
                time.sleep(_POLL_SECONDS)
                continue
            if overview["node"] != self.node:
                raise ServerError(f"another RabbitMQ ({overview['node']}) answers on port {self.management_port}")
            if any(listener["port"] == self.amqp_port for listener in overview["listeners"]):
                return
            self._give_up_if_hopeless(TimeoutError("no AMQP listener yet"), deadline)
            time.sleep(_POLL_SECONDS)

    def _give_up_if_hopeless(self, error: Exception, deadline: float) -> None:
        if self.running() is None:
            raise ServerError(f"RabbitMQ ended while starting; {self.log}:\n{processes.tail(self.log)}") from error
        if time.monotonic() > deadline:
            raise ServerError(
                f"RabbitMQ does not answer on port {self.management_port}: {error}\n"
                f"{self.log}:\n{processes.tail(self.log)}"
            ) from error

    def stop(self) -> None:
        """End the node and its port mapper; a node that has not ended after 30 seconds is killed."""
        identity = self.running()
        if identity is not None and self.for_tests:
            processes.kill(identity)
        elif identity is not None:
            processes.end(identity, grace_s=_STOP_GRACE_SECONDS)
        self.pid_file.unlink(missing_ok=True)
        mapper = processes.load(self.mapper_pid_file)
        if mapper is not None:
            processes.kill(mapper)
        self.mapper_pid_file.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove the node's data; it must be stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def management_url(self) -> str:
        """Where the management API is asked."""
        return f"http://{LOOPBACK}:{self.management_port}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Ask the management API as administrator; raises requests.HTTPError where it says no."""
        with requests.Session() as session:
            session.trust_env = False  # no proxy between us and our own machine
            response = session.request(
                method, f"{self.management_url}{path}", timeout=_REQUEST_LIMIT_SECONDS,
                auth=(rabbitmq.ADMINISTRATOR, self.admin_password),
                data=None if body is None else json.dumps(body), headers={"content-type": "application/json"},
            )  # fmt: skip
        response.raise_for_status()
        return response

    def take_up_definitions(self, *, upgraded: bool = False) -> list[str]:
        """Tell the running node what it would read at its start; returns what is left of what was before.

        `upgraded`: no process runs that was started before, see `deploy.provision.retired_tiers`.
        """
        wanted = rabbitmq.definitions(self.secrets_root, services=self.services, outside=self.outside)
        take_up = retired_tiers.retire if upgraded else retired_tiers.take_up
        return take_up(self.call, VIRTUAL_HOST, wanted)

    def create_vhost(self, name: str) -> None:
        """Create a virtual host in which every process's user has the rights it has in the standing one."""
        encoded = quote(name, safe="")
        self.call("PUT", f"/api/vhosts/{encoded}", {})
        for entry in self.call("GET", f"/api/vhosts/{VIRTUAL_HOST}/permissions").json():
            rights = {kind: entry[kind] for kind in ("configure", "write", "read")}
            self.call("PUT", f"/api/permissions/{encoded}/{quote(entry['user'], safe='')}", rights)
        for policy in topology.policies():
            details = {key: value for key, value in policy.items() if key not in {"name", "vhost"}}
            self.call("PUT", f"/api/policies/{encoded}/{quote(policy['name'], safe='')}", details)

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host with everything in it."""
        self.call("DELETE", f"/api/vhosts/{quote(name, safe='')}")
