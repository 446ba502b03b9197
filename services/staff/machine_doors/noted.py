"""What whoever is root on the machine is about to do, noted in files before it is done, for staff to take up.

A door opens where nothing else of ours may run: the databases are away, or about to be put back. So it is noted
first in a folder that no backup puts back, and stays shut where that cannot be done. A file is empty; its name says
what there is to know. It stays for a while after staff have read it: what they noted may be undone by a restore.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from services.staff.machine_doors.values import Door, DoorUse
from shared import append_only
from shared.identifiers import new_id

FOLDER: Final = "machine-doors"
"""Beside the clock, which all processes read and nobody but root, or the command line's container, writes."""
KEPT: Final = timedelta(days=30)
MOST: Final = 1000
"""So many are read at once, the newest; those before have long been taken up."""
INSTANT: Final = "%Y%m%dT%H%M%SZ"
NAME: Final = re.compile(
    r"(?P<at>\d{8}T\d{6}Z)\.(?P<door>[a-z_]{1,40})\.(?P<id>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)


def write(state_dir: Path, door: Door, now: datetime) -> DoorUse:
    """Note that a door is about to be opened, on the disk. Raises `OSError` where that cannot be done.

    What was noted a month ago goes.
    """
    folder = state_dir / FOLDER
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for path, use in _noted(folder):
        if use.used_at < now - KEPT:
            path.unlink(missing_ok=True)
    use = DoorUse(id=new_id(), door=door.value, used_at=now.astimezone(UTC).replace(microsecond=0))
    path = folder / f"{use.used_at:{INSTANT}}.{use.door}.{use.id}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        os.fchmod(descriptor, 0o644)  # whoever is root may have a mask by which nobody else could read it
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    append_only.sync_folder(folder)
    return use


def read(state_dir: Path) -> list[DoorUse]:
    """What is noted, the oldest first; what has no name of ours is not."""
    folder = state_dir / FOLDER
    found = [use for _, use in _noted(folder)] if folder.is_dir() else []
    return found[-MOST:]


def _noted(folder: Path) -> Iterator[tuple[Path, DoorUse]]:
    for path in sorted(folder.iterdir()):
        if named := NAME.fullmatch(path.name):
            at = datetime.strptime(named["at"], INSTANT).replace(tzinfo=UTC)
            yield path, DoorUse(id=UUID(named["id"]), door=named["door"], used_at=at)
