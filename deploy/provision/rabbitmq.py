"""Writes what RabbitMQ reads when it starts: rabbitmq.conf, definitions.json and the list of plugins.

    python -m deploy.provision.rabbitmq SECRETS_ROOT TARGET [--amqp HOST:PORT] [--management …] [--prometheus …]

Every process logs in as its own user; the broker's default user `guest` does not exist. The definitions are read at
each start; one that runs is told by `deploy.provision.broker_definitions`. They hold hashes, not passwords.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.provision import broker_permissions, secrets
from deploy.provision.addresses import host_and_port
from shared.bus import topology
from shared.events import BODY_LIMIT_BYTES
from shared.system import BUS_PROCESSES, VIRTUAL_HOST, wire_name

if TYPE_CHECKING:
    from collections.abc import Sequence

ADMINISTRATOR = "admin"
MESSAGE_LIMIT_BYTES = 4 * BODY_LIMIT_BYTES
DEPRECATED = (
    "amqp_address_v1",
    "amqp_filter_set_bug",
    "classic_queue_mirroring",
    "global_qos",
    "management_metrics_collection",
    "queue_master_locator",
    "ram_node_type",
    "transient_nonexcl_queues",
)
"""What RabbitMQ 4.0 to 4.3 is going to remove, and in part denies already. A broker in a container denies all of it
to us, so that what we and plain nameko clients use is what stays."""


@dataclass(frozen=True)
class Listeners:
    """Where the broker listens: AMQP for the services, the management API for those who operate it."""

    amqp_host: str
    amqp_port: int
    management_host: str
    management_port: int
    prometheus: tuple[str, int] | None = None
    """Where the broker tells its figures; None where it does not."""


def password_hash(password: str, salt: bytes) -> str:
    """Hash a password as RabbitMQ stores it: base64 of a 4-byte salt and SHA-256 over salt and password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def outside_services(setting: str) -> tuple[str, ...]:
    """Return the names in `VILKAR_OUTSIDE_SERVICES`: services of others to whose events ours may listen."""
    return tuple(name.strip() for name in setting.split(",") if name.strip())


def definitions(root: Path, *, services: bool = True, outside: Sequence[str] = ()) -> dict[str, Any]:
    """Return the broker's users, virtual host, permissions and policies, with the passwords in `root`.

    With `services` also every exchange, queue and binding that the services declare: so an event published before
    its listener has ever run waits for it; and each process has the rights that its program needs. Tests that bring
    services of their own leave them out, and everybody may do everything. `outside` names services of others that
    take part in erasures: no process of ours may make their exchanges, so they are made here.
    """
    passwords = {wire_name(process): secrets.read(root, process, "broker_password") for process in BUS_PROCESSES}
    passwords[ADMINISTRATOR] = secrets.read(root, "rabbitmq", "admin_password")
    users = [_user(name, passwords[name]) for name in sorted(passwords)]
    return _whole_system(users, outside) if services else _bare(users)


def _whole_system(users: Sequence[dict[str, Any]], outside: Sequence[str]) -> dict[str, Any]:
    system = topology.of_this_system(outside=outside)
    names = [user["name"] for user in users]
    return {
        "users": [{**user, "limits": broker_permissions.limits(system, user["name"])} for user in users],
        "parameters": [
            {
                "vhost": VIRTUAL_HOST,
                "component": "vhost-limits",
                "name": "limits",
                "value": {"max-queues": broker_permissions.MOST_QUEUES},
            }
        ],
        "permissions": broker_permissions.permissions(system, names, VIRTUAL_HOST),
        "topic_permissions": broker_permissions.topic_permissions(system, names, VIRTUAL_HOST),
        **topology.definitions(system, vhost=VIRTUAL_HOST),
    }


def _bare(users: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "users": users,
        "permissions": [permission(user["name"], VIRTUAL_HOST) for user in users],
        "vhosts": [{"name": VIRTUAL_HOST}],
        "policies": [{**p, "vhost": VIRTUAL_HOST} for p in topology.policies()],
    }


def _user(name: str, password: str) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": password_hash(password, os.urandom(4)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"] if name == ADMINISTRATOR else [],
    }


def permission(user: str, vhost: str) -> dict[str, str]:
    """Return unlimited rights on a virtual host; a system's own are in `deploy.provision.broker_permissions`."""
    return {"user": user, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"}


def configuration(listeners: Listeners, definitions_file: Path, *, deny_deprecated: bool = False) -> str:
    """Return the text of rabbitmq.conf. A broker older than 3.12 does not know how to `deny_deprecated`."""
    lines = [
        f"listeners.tcp.1 = {listeners.amqp_host}:{listeners.amqp_port}",
        f"management.tcp.ip = {listeners.management_host}",
        f"management.tcp.port = {listeners.management_port}",
        f"load_definitions = {definitions_file}",
        # Where load_definitions brings users, the broker makes no guest; this also bars one made by hand elsewhere.
        "loopback_users.guest = true",
        # Below this much free disk the broker stops accepting messages instead of dying with them half written.
        "disk_free_limit.absolute = 200MB",
        "heartbeat = 20",
        # Calls and events have 256 KiB at most. What nobody could read should not have to be held by anybody.
        f"max_message_size = {MESSAGE_LIMIT_BYTES}",
    ]
    if listeners.prometheus is not None:
        host, port = listeners.prometheus
        lines += [f"prometheus.tcp.ip = {host}", f"prometheus.tcp.port = {port}"]
    if deny_deprecated:
        lines += [f"deprecated_features.permit.{name} = false" for name in DEPRECATED]
    return "\n".join(lines) + "\n"


def write(
    root: Path,
    target: Path,
    listeners: Listeners,
    *,
    services: bool = True,
    outside: Sequence[str] = (),
    deny_deprecated: bool = False,
) -> None:
    """Write the three files into `target`, replacing what an earlier start had; the rest: see definitions.

    The list of plugins comes last: a broker in a container waits for it.
    """
    target.mkdir(parents=True, exist_ok=True)
    definitions_file = target / "definitions.json"
    _replace(definitions_file, json.dumps(definitions(root, services=services, outside=outside), indent=1), 0o640)
    settings = configuration(listeners, definitions_file, deny_deprecated=deny_deprecated)
    _replace(target / "rabbitmq.conf", settings, 0o644)
    plugins = "rabbitmq_management" + (",rabbitmq_prometheus" if listeners.prometheus else "")
    _replace(target / "enabled_plugins", f"[{plugins}].\n", 0o644)


def _replace(path: Path, text: str, mode: int) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit status is 0 when the files are written."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.provision.rabbitmq", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("root", type=Path, metavar="SECRETS_ROOT")
    parser.add_argument("target", type=Path, metavar="TARGET")
    parser.add_argument("--amqp", type=host_and_port, default=("0.0.0.0", 5672), metavar="HOST:PORT")  # noqa: S104 - inside a container
    parser.add_argument("--management", type=host_and_port, default=("127.0.0.1", 15672), metavar="HOST:PORT")
    parser.add_argument("--prometheus", type=host_and_port, default=("0.0.0.0", 15692), metavar="HOST:PORT")  # noqa: S104 - as above
    options = parser.parse_args(arguments)
    outside = outside_services(os.environ.get("VILKAR_OUTSIDE_SERVICES", ""))
    (host, port), (management_host, management_port) = options.amqp, options.management
    listeners = Listeners(host, port, management_host, management_port, options.prometheus)
    write(options.root, options.target, listeners, outside=outside, deny_deprecated=True)
    print(f"rabbitmq: configuration written to {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
