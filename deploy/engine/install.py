"""Installs what is missing of a Docker engine: the daemon from this Debian release, Compose 2 from the next."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.engine import machine
from deploy.engine.machine import EngineError, run
from deploy.native.packages import forbid_starting

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES: Final = ("docker.io", "iptables")
CLIENT: Final = "docker-cli"
"""The Docker client where it has a package of its own, from Debian 13 on."""

SERVICES: Final = ("docker.service", "docker.socket", "containerd.service")
_IN_PACKAGE: Final = "usr/libexec/docker/cli-plugins/docker-compose"


def daemon_missing() -> bool:
    """Say whether the programs of the engine are missing."""
    return any(shutil.which(name, path=_path()) is None for name in ("dockerd", "docker", "iptables"))


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def daemon(say: Callable[[str], None]) -> None:
    """Install the engine; nothing is started, now or with the machine. Needs root on Debian."""
    if os.geteuid() != 0:
        raise EngineError(f"not installed: {', '.join(PACKAGES)}. As root: apt-get install {' '.join(PACKAGES)}")
    if shutil.which("apt-get") is None:
        raise EngineError("Docker is not installed, and this is no Debian; install it by hand")
    say(f"installing {', '.join(PACKAGES)} from Debian's packages")
    with forbid_starting(Path("/usr/sbin/policy-rc.d")):
        run(["apt-get", "--quiet", "update"])
        client = [CLIENT] if CLIENT in run(["apt-cache", "pkgnames", CLIENT]).split() else []
        run(
            ["apt-get", "--quiet", "install", "--yes", "--no-install-recommends", *PACKAGES, *client],
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )
    systemctl = shutil.which("systemctl")
    for service in SERVICES if systemctl else ():
        # One that this version of a package does not have is not there to be switched off: no error.
        subprocess.run([str(systemctl), "disable", service], check=False, capture_output=True, timeout=60)


def compose_missing() -> bool:
    """Say whether `docker compose` is missing."""
    result = subprocess.run(["docker", "compose", "version"], check=False, capture_output=True, timeout=30)
    return result.returncode != 0


def compose(say: Callable[[str], None]) -> None:
    """Put Compose 2 among the user's plugins of the Docker client: one program, taken out of Debian's package."""
    folder = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker")) / "cli-plugins"
    say(f"putting Compose 2 from Debian {machine.NEXT_RELEASE}'s package into {folder}")
    with tempfile.TemporaryDirectory(prefix="vilkar-compose-") as name:
        package = machine.package_from_next_release("docker-compose", Path(name))
        content = Path(name) / "content"
        run(["dpkg-deb", "--extract", str(package), str(content)])
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / ".docker-compose.new"
        shutil.copyfile(content / _IN_PACKAGE, draft)
        draft.chmod(0o755)
        draft.replace(folder / "docker-compose")
    if compose_missing():
        raise EngineError("the Docker client does not take Compose as its plugin")
