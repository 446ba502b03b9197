"""Installs PostgreSQL, RabbitMQ, HAProxy and restic from Debian without letting the packages start anything.

A package's servers are for a machine; ours are for this folder. So while apt works, a policy file forbids services
to start and a setting keeps PostgreSQL from making its default cluster, and what the packages registered to start
with the machine is switched off again. What was installed before is not touched: no cluster, service or policy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.native import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

POSTGRES = "postgresql"
RABBITMQ = "rabbitmq-server"
RESTIC = "restic"
HAPROXY = "haproxy"
RESTIC_OF = "backup"
HAPROXY_OF = "proxy"
"""The processes that need these two."""

_LIMIT_SECONDS = 900
_MARK = "# written by Vilkar while installing packages; removed afterwards\n"
POLICY = f"#!/bin/sh\n{_MARK}exit 101\n"
_NO_CLUSTER = f"{_MARK}create_main_cluster = false\n"
_SERVICES = {
    POSTGRES: ("postgresql.service",),
    RABBITMQ: ("rabbitmq-server.service", "epmd.socket", "epmd.service"),
    RESTIC: (),
    HAPROXY: ("haproxy.service",),
}


class PackageError(Exception):
    """A package is missing and cannot be installed from here; the message says by which command it can."""


def missing(processes: Collection[str] = (RESTIC_OF, HAPROXY_OF)) -> list[str]:
    """Return the Debian packages that these processes and the servers need and this machine lacks."""
    found = missing_servers()
    if RESTIC_OF in processes and shutil.which("restic") is None:
        found.append(RESTIC)
    if HAPROXY_OF in processes and programs.haproxy() is None:
        found.append(HAPROXY)
    return found


def missing_servers() -> list[str]:
    """Return those without which no server of ours can run here."""
    missing = []
    if programs.postgres_folder() is None:
        missing.append(POSTGRES)
    if programs.rabbitmq_server() is None or programs.epmd() is None:
        missing.append(RABBITMQ)
    return missing


def install(packages: list[str], *, root: Path = Path("/"), say: Callable[[str], None]) -> None:
    """Install packages; needs root. Raises PackageError with the command to type where that cannot be done."""
    command = f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0:
        raise PackageError(f"not installed: {', '.join(packages)}. As root: {command}")
    if shutil.which("apt-get") is None:
        raise PackageError(f"not installed: {', '.join(packages)}, and this is no Debian; install them by hand")
    say(f"installing {', '.join(packages)} from Debian's packages")
    with forbid_starting(root / "usr/sbin/policy-rc.d"):
        _apt("update")
        if POSTGRES in packages:
            # First the package that reads the setting, then the one that would make the cluster.
            _apt("install", "--yes", "--no-install-recommends", "postgresql-common")
            with _without_default_cluster(root / "etc/postgresql-common/createcluster.d/vilkar.conf"):
                _apt("install", "--yes", "--no-install-recommends", *packages)
        else:
            _apt("install", "--yes", "--no-install-recommends", *packages)
    _switch_off([service for package in packages for service in _SERVICES[package]])


@contextlib.contextmanager
def forbid_starting(policy: Path) -> Iterator[None]:
    """Put a policy in place that lets no service start, and put back what was there before.

    A run killed half way left our own file, or the machine's under its saved name: both are set right first.
    """
    saved = policy.with_name(f"{policy.name}.vilkar-saved")
    if saved.exists():
        saved.replace(policy)
    elif policy.exists() and _MARK in policy.read_text():
        policy.unlink()
    if policy.exists():
        policy.rename(saved)
    policy.write_text(POLICY)
    policy.chmod(0o755)
    try:
        yield
    finally:
        if saved.exists():
            saved.replace(policy)
        else:
            policy.unlink()


@contextlib.contextmanager
def _without_default_cluster(setting: Path) -> Iterator[None]:
    setting.parent.mkdir(exist_ok=True)
    setting.write_text(_NO_CLUSTER)
    try:
        yield
    finally:
        setting.unlink()


def _apt(*arguments: str) -> None:
    result = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=_LIMIT_SECONDS,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )
    if result.returncode != 0:
        raise PackageError(f"apt-get {arguments[0]} failed:\n{(result.stdout + result.stderr)[-2000:]}")


def _switch_off(services: list[str]) -> None:
    """Keep freshly installed services from starting with the machine, where it has systemd."""
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return
    for service in services:
        # One that this version of a package does not have is not there to be switched off: no error.
        subprocess.run([systemctl, "disable", service], check=False, capture_output=True, timeout=60)
