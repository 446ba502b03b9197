"""What a system has on the disk, in words for whoever is about to delete it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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


def _mebibytes(folder: Path) -> int:
    """Files come and go while it is read."""
    sizes = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            sizes += path.lstat().st_size
    return -(-sizes // 2**20)
