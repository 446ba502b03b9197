"""Folders in which servers of tests keep their data: in memory where there is plenty, else on disk.

A database of a test is hundreds of files that live for seconds. On ext4 without a journal, whoever makes a file
passes over each that was removed a minute ago: that was a quarter of what PostgreSQL took in a run.
What a killed run left there, the next one removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # a file system, for a folder with a name of its own
ENOUGH_BYTES: Final = 8 << 30
"""So much must be free in it, and in memory, when a run begins."""


def new_folder(prefix: str) -> Path:
    """Return a new folder whose name begins so, which is the caller's to remove."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=IN_MEMORY if _plenty_of_memory() else None))


@cache
def _plenty_of_memory() -> bool:
    """Say it of the beginning of the run: a later look would see its own servers."""
    mounted = Path("/proc/mounts").read_text(encoding="utf-8")
    if f" {IN_MEMORY} tmpfs rw" not in mounted or not os.access(IN_MEMORY, os.W_OK):
        return False
    room = os.statvfs(IN_MEMORY)
    available = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(encoding="utf-8"))
    bytes_available = int(available[1]) << 10 if available else 0
    return min(room.f_bavail * room.f_frsize, bytes_available) >= ENOUGH_BYTES


def remove_leftovers(prefix: str, remove: Callable[[Path], None]) -> None:
    """Let `remove` look at each folder of ours whose name begins so, in memory and on disk.

    The workers of a run begin together: the first does it, and the others go on without.
    """
    temporary = Path(tempfile.gettempdir())
    with (temporary / f"vilkar-leftovers-{os.geteuid()}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for folder in sorted(each for place in (temporary, IN_MEMORY) for each in place.glob(f"{prefix}*")):
            # Not there any more: its run came to its end meanwhile and cleared away itself.
            with contextlib.suppress(FileNotFoundError):
                if folder.stat().st_uid == os.geteuid():
                    remove(folder)
