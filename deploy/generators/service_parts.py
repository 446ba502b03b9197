"""What names every service in files that are otherwise written by hand, from `shared/system.py`.

Such a part stands between two comments, `begin generated: KEY` and `end generated`; all around it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploy.provision import secrets
from shared import system
from shared.database.migrate import ROOT
from shared.system import ServiceSpec

PART: Final = re.compile(r"^( *)# begin generated: ([a-z ]+)\n(.*?)^ *# end generated$", re.MULTILINE | re.DOTALL)
SOURCES: Final = {"terms": "${VILKAR_TERMS_DIR:-./shared/terms/demo_texts}"}
"""Folders of the machine; all others are volumes."""
TARGETS: Final = {"backup-state": "/var/lib/vilkar-backup"}
"""Where a container has a folder that does not lie there by its name."""


def files() -> dict[str, str]:
    """The files with their parts written anew, by path. Raises `ValueError` where a part has no place."""
    in_order = " ".join(system.SERVICES)
    return {
        "docker-compose.yml": filled(
            "docker-compose.yml",
            {
                "folders of secrets": [f"- {_volume(name)}:/secrets/{name}" for name in secrets.FOLDERS],
                "passwords at the broker": _read_only((*system.BUS_PROCESSES, "rabbitmq")),
                "passwords at the databases": _read_only(secrets.AT_DATABASES),
                "services": [line for service in system.ALL for line in _container(service)][:-1],
                "volumes of secrets": [f"{_volume(name)}: {{}}" for name in secrets.FOLDERS],
            },
        ),
        "deploy/prometheus.yml": filled(
            "deploy/prometheus.yml",
            {
                "processes": [
                    f"names: [{', '.join((*system.SERVICES, 'relay', 'gateway', 'desk', 'backup', 'proxy'))}]"
                ]
            },
        ),
        "deploy/upgrade_compose.sh": filled(
            "deploy/upgrade_compose.sh", {"services": [f'BESIDE="{in_order} relay gateway"']}
        ),
        "Makefile": filled("Makefile", {"services": [f"WORKING := {in_order} relay gateway desk backup"]}),
    }


def filled(path: str, parts: Mapping[str, list[str]]) -> str:
    """A file's text with its parts written anew. Raises `ValueError` where it has other parts than these."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if sorted(match[2] for match in PART.finditer(text)) != sorted(parts):
        raise ValueError(f"{path} must have these generated parts, each once: {', '.join(parts)}")

    def write(match: re.Match[str]) -> str:
        lines = (f"{match[1]}{line}".rstrip() for line in parts[match[2]])
        return "\n".join([f"{match[1]}# begin generated: {match[2]}", *lines, f"{match[1]}# end generated"])

    return PART.sub(write, text)


def _volume(folder: str) -> str:
    return f"secrets-{system.wire_name(folder)}"


def _read_only(folders: tuple[str, ...]) -> list[str]:
    return [f"- {_volume(name)}:/secrets/{name}:ro" for name in folders]


def _target(folder: str) -> str:
    return TARGETS.get(folder, f"/var/lib/vilkar-{folder}")


def _container(service: ServiceSpec) -> Iterator[str]:
    """The container of a service in the compose file."""
    yield f"{service.name}:"
    yield "  <<: *service"
    yield f"  command: [python, -m, services.{service.database}]"
    yield f'  deploy: {{replicas: "${{VILKAR_{service.database.upper()}_REPLICAS:-1}}"}}'
    yield "  environment:"
    yield "    <<: *settings"
    yield f"    VILKAR_BROKER_USER: {service.name}"
    for folder in (*service.writes, *service.reads):
        yield f"    {system.folder_setting(folder)}: {_target(folder)}"
    yield "  volumes:"
    yield "    - state:/var/lib/vilkar:ro"
    for folder in dict.fromkeys((*service.writes, *service.reads, "ledger")):
        mode = "" if folder in service.writes else ":ro"
        yield f"    - {SOURCES.get(folder, folder)}:{_target(folder)}{mode}"
    yield f"    - {_volume(service.database)}:/run/vilkar/secrets:ro"
    networks = ["bus", "data", *["keys"][: service.reaches_keyring], *["vendors"][: service.calls_vendors]]
    yield f"  networks: [{', '.join(networks)}]"
    yield ""
