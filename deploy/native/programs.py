"""Where the servers' programs are on this machine, and under which user they run."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from deploy.native import confine


class MissingProgramError(Exception):
    """A program the system needs is not installed."""


_POSTGRES_HOME = Path("/usr/lib/postgresql")
_RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def postgres_folder() -> Path | None:
    """Return the folder with `initdb` and `postgres` of the newest PostgreSQL installed, 15 or later."""
    versions = sorted(
        (int(folder.name), folder / "bin")
        for folder in (_POSTGRES_HOME.iterdir() if _POSTGRES_HOME.is_dir() else ())
        if folder.name.isdigit() and (folder / "bin/initdb").exists() and (folder / "bin/postgres").exists()
    )
    oldest_supported = 15
    return versions[-1][1] if versions and versions[-1][0] >= oldest_supported else None


def psql() -> Path | None:
    """Return the client of the newest PostgreSQL installed."""
    folder = postgres_folder()
    return folder / "psql" if folder and (folder / "psql").exists() else None


def rabbitmq_server() -> Path | None:
    """Return the broker's start script.

    Not the one in the command path: Debian's wrapper there insists on the machine's own broker and its folders.
    """
    return _RABBITMQ_SERVER if _RABBITMQ_SERVER.exists() else None


def epmd() -> Path | None:
    """Return Erlang's port mapper."""
    found = shutil.which("epmd", path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/sbin")
    return Path(found) if found else None


def haproxy() -> Path | None:
    """Return the proxy that stands in front of the gateway."""
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def required(found: Path | None, package: str) -> Path:
    """Return a program's path, or say which Debian package brings it."""
    if found is None:
        raise MissingProgramError(f"not installed: {package} (apt-get install {package})")
    return found


def run_as(user: str) -> str | None:
    """Return the user to run a server as: its own unprivileged one when we are root, else whoever we are (None)."""
    return existing(user) if os.geteuid() == 0 else None


def existing(user: str) -> str:
    """Return the name of a user that the machine has, or raise MissingProgramError."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        raise MissingProgramError(
            f"no user {user} on this machine; the Debian package creates it (else: useradd --system {user})"
        ) from None
    return user


def give(path: Path, user: str | None) -> None:
    """Hand a folder or file to the user a server runs as."""
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def can_reach(path: Path, user: str | None) -> bool:
    """Say whether `user` may pass through every folder down to `path` (a home folder of root's bars everybody)."""
    if user is None:
        return True
    entry = pwd.getpwnam(user)
    groups = set(os.getgrouplist(user, entry.pw_gid))
    folders = [folder.stat() for folder in (path, *path.parents) if folder.exists()]
    return all(confine.passable(folder, entry.pw_uid, groups) for folder in folders)
