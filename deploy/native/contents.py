"""What a system has on the disk, in words for whoever is about to delete it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = {
    "state": "clock, certificates, checkpoints of the audit trail, sandbox",
    "ledger": "the ledger",
    "ledger-copies": "copies of the ledger",
    "backups": "backups on this machine",
    "backup-work": "work folder of backups",
    "logs": "logs",
    "pids": "process ids",
}
"""What a system has below its home, besides its servers."""

MOVED = {
    "VILKAR_BACKUP_STATE_DIR": ("backup.json", "ledger_sent.json", "proofs_sent.json", "backup.lock"),
    "VILKAR_SANDBOX_STATE_DIR": ("sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.sqlite3-shm"),
}
"""What lay in the folder of the clock before each process had one of its own, with the setting of its new place."""

SERVER_FOLDERS = {
    "postgres": "databases and keyring",
    "rabbitmq": "queues of the broker",
    "secrets": "passwords and keys",
}


def lines(home: Path, servers: Path) -> list[str]:
    """A line for each thing of a system that is there, with where it lies and its size."""
    found = {meaning: home / name for name, meaning in FOLDERS.items()}
    found |= {meaning: servers / name for name, meaning in SERVER_FOLDERS.items()}
    return [f"{meaning}: {path} ({_mebibytes(path)} MiB)" for meaning, path in found.items() if path.exists()]


def misplaced(env: Mapping[str, str]) -> dict[Path, Path]:
    """Return files of an earlier version that lie where they lay then, with where they belong."""
    state = Path(env["VILKAR_STATE_DIR"])
    belong = {state / name: Path(env[setting]) / name for setting, names in MOVED.items() for name in names}
    return {old: new for old, new in belong.items() if old != new and old.exists() and not new.exists()}


def _mebibytes(folder: Path) -> int:
    """Files come and go while it is read."""
    sizes = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            sizes += path.lstat().st_size
    return -(-sizes // 2**20)
