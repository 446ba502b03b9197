"""Whom each process runs as where root starts the system: a user of its own, with its own secrets and files.

These users are numbers in no list of users: nothing of the machine's is changed, and each system has its own.
Two programs cannot do without a name, `ssh` and `initdb`; so the process `backup` is Debian's user of that name,
with a group of this system's own.

    secrets of a process    belong to root; the process's group may read them, nobody may change them
    what it writes          belongs to it; a group may read what others need, as in the compose file

Whoever is not root runs everything as himself: there are no users then, and `load` returns None.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy.backup.settings import DEFAULT_TARGET
from deploy.native import plan, programs
from deploy.provision.secrets import Owner
from shared import system
from shared.backup_record import COPIES, SETS
from shared.system import DATABASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BACKUP = "backup"
LEDGER = "ledger"
"""Not a process: the group of those who may read the ledger."""
RESTORE = "restore"
"""Not a process: the group of who puts backups back, with the superusers' passwords."""

BACKUP_RECORD = "backup_record"
"""Not a process: the group of those who may read what is known of the backups."""

PROCESSES = (*DATABASES, "relay", "gateway", "desk", "sandbox", "migrate", BACKUP)
NAMES = (*PROCESSES, LEDGER, RESTORE, BACKUP_RECORD)
SERVERS = ("postgres", "keyring")
LEDGER_READERS = (*DATABASES, "relay", "desk")
BACKUP_RECORD_READERS = ("retention", "desk")
FIRST, BEYOND = 60_706, 61_184
"""Ids that neither Debian nor systemd has given to anybody; containers that end at 65535 have them too."""

FILE = "users.json"
HOME = "/nonexistent"
ENTRY = Path(__file__).with_name("confine.py")
_TRIAL_SECONDS = 60

ANY = -1
READ_BY_GROUP = (0o2750, 0o640)
ITS_OWN = (0o700, None)
SECRET = (0o750, 0o440)


class UsersError(Exception):
    """No users can be had for the processes; the message says why."""


class Place(NamedTuple):
    """A folder, whom it and all in it belong to (group -1: whichever), its mode and its files' (None: any)."""

    path: str
    uid: int
    gid: int
    folder_mode: int
    file_mode: int | None


@dataclass(frozen=True)
class Users:
    """The ids of one system."""

    ids: Mapping[str, int]

    def owners(self) -> dict[str, Owner]:
        """Return whom the folders of secrets belong to that are not root's alone."""
        found = {name: Owner(0, self.ids[name]) for name in PROCESSES}
        return found | {server: Owner(0, self.ids[RESTORE]) for server in SERVERS}

    def start(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], *, also: Sequence[str] = ()
    ) -> tuple[list[str], dict[str, str]]:
        """Return command and environment of a program of the process `name`; `also` are further groups of it."""
        readers = {LEDGER: LEDGER_READERS, BACKUP_RECORD: BACKUP_RECORD_READERS}
        groups = [*(group for group, names in readers.items() if name in names), *also]
        places = list(self.places(name, env))
        paths_in_settings = {
            value for key, value in env.items() if value.startswith("/") and key not in {"HOME", "PATH"}
        }
        whom = {
            "uid": self._uid(name),
            "gid": self.ids[name],
            "groups": [self.ids[group] for group in groups],
            "places": places,
            # In an order that the environment of whoever starts it does not change.
            "needs": sorted({*_needs(), *paths_in_settings, *(place.path for place in places)}),
        }
        return _entered(whom, argv), {**env, "HOME": HOME}

    def places(self, name: str, env: Mapping[str, str]) -> Iterator[Place]:
        """Return what belongs to a process: its secrets, and the folders that it writes to."""
        uid, gid = self._uid(name), self.ids[name]
        yield Place(env["VILKAR_SECRETS_DIR"], 0, gid, *SECRET)
        for folder in (each for service in system.ALL if service.database == name for each in service.writes):
            reader = LEDGER if folder == LEDGER else BACKUP
            yield Place(env[system.folder_setting(folder)], uid, self.ids[reader], *READ_BY_GROUP)
        if name == "sandbox":
            yield Place(env["VILKAR_SANDBOX_STATE_DIR"], uid, gid, *ITS_OWN)
        elif name == BACKUP:
            for server in SERVERS:
                yield Place(f"{Path(env['VILKAR_SECRETS_DIR']).parent}/{server}", 0, self.ids[RESTORE], *SECRET)
            yield Place(env["VILKAR_BACKUP_STATE_DIR"], uid, self.ids[BACKUP_RECORD], *READ_BY_GROUP)
            yield Place(env["VILKAR_BACKUP_WORK_DIR"], uid, gid, *ITS_OWN)
            target = env["VILKAR_BACKUP_TARGET"] or DEFAULT_TARGET
            if target.startswith("/"):
                for repository in (*SETS, *COPIES):
                    yield Place(f"{target}/{repository}", uid, ANY, *ITS_OWN)

    def _uid(self, name: str) -> int:
        if name != BACKUP:
            return self.ids[name]
        return pwd.getpwnam(programs.existing(BACKUP)).pw_uid

    def obstacle(self, *folders: Path) -> str | None:
        """Return why no program of ours could run as one of these users, which must be able to enter `folders`."""
        whom = {
            "uid": self.ids["account"],
            "gid": self.ids["account"],
            "groups": [],
            "places": [],
            "needs": sorted({*_needs(), *map(str, folders)}),
        }
        argv = _entered(whom, [sys.executable, "-c", "import psycopg, shared.config"])
        try:
            tried = subprocess.run(
                argv, cwd=plan.REPOSITORY, env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False, timeout=_TRIAL_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"a trial did not end within {_TRIAL_SECONDS} seconds"
        return None if tried.returncode == 0 else (tried.stderr.strip() or "a trial failed").splitlines()[-1]


def _needs() -> set[str]:
    """What every program of ours must find: the sources, the packages, and Python itself."""
    return {str(plan.REPOSITORY), sys.prefix, sys.base_prefix, sys.base_exec_prefix, sys.executable}


def _entered(whom: Mapping[str, object], argv: Sequence[str]) -> list[str]:
    return [sys.executable, "-I", "-S", str(ENTRY), json.dumps(whom), *argv]


def load(home: Path) -> Users | None:
    """Return the users of the system at `home`, where its processes have some."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        ids: dict[str, int] = json.loads((home / FILE).read_text())
        return Users(ids) if set(ids) == set(NAMES) else None
    return None


def save(users: Users | None, home: Path) -> None:
    """Keep whom the processes run as; None: as root."""
    path = home / FILE
    if users is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_name(f".{FILE}.new")
    draft.write_text(json.dumps(dict(users.ids), indent=1))
    draft.replace(path)


def choose(home: Path) -> Users:
    """Return the ids that this system has, else ones that nobody has. Raises `UsersError`.

    Where a system looks first follows from its place: two that do not run have different ones as a rule.
    """
    if (known := load(home)) is not None:
        return known
    blocks, running = (BEYOND - FIRST) // len(NAMES), _ids_of_processes()
    begin = int.from_bytes(sha256(str(home).encode()).digest()) % blocks
    for number in range(blocks):
        first = FIRST + (begin + number) % blocks * len(NAMES)
        ids = range(first, first + len(NAMES))
        if not any(each in running or _is_somebody(each) for each in ids):
            return Users(dict(zip(NAMES, ids, strict=True)))
    raise UsersError(f"all ids between {FIRST} and {BEYOND} are taken")


def _is_somebody(number: int) -> bool:
    for look in (pwd.getpwuid, grp.getgrgid):
        with contextlib.suppress(KeyError):
            look(number)
            return True
    return False


def _ids_of_processes() -> set[int]:
    ids = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                ids.add(entry.stat().st_uid)
    return ids
