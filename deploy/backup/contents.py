"""What lies in the backups, in clear and piece by piece: for the search for what should be in none of them.

Only looked at: no lock is taken and nothing is written, so it works on a target that is mounted read-only. A backup
that is forgotten meanwhile is told as one that could not be read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.backup import targets
from deploy.backup.repository import Repository
from deploy.backup.rules import Snapshot
from deploy.backup.settings import BackupSettings
from shared.backup_record import COPIES, SETS

REPOSITORIES: Final = (*SETS, *COPIES)


class Contents:
    """The repositories of one system, read only. `open_contents()` makes one."""

    def __init__(self, settings: BackupSettings, private: Path) -> None:
        """`private` is an empty folder of our own, for what restic and ssh want to find as files."""
        self._settings = settings
        self._private = private
        self.target = targets.parse(
            settings.target,
            settings.secrets,
            private,
            folder_is_off_site=settings.folder_is_off_site,
            in_the_clear=settings.s3_in_the_clear,
        )

    def snapshots(self, name: str) -> list[Snapshot]:
        """The backups of a set, oldest first. Raises `BackupFailed`."""
        return self._repository(name).snapshots()

    def stream(self, name: str, snapshot: Snapshot) -> Iterator[bytes]:
        """One backup's files in clear. Raises `BackupFailed`, in the middle too."""
        return self._repository(name).stream(snapshot)

    def _repository(self, name: str) -> Repository:
        secret = f"{name}_backup_key"
        self._settings.secrets.read(secret)
        key_file = self._settings.secrets.folder / secret
        return Repository(name, self.target, key_file=key_file, scratch=self._private)


@contextmanager
def open_contents(settings: BackupSettings) -> Iterator[Contents]:
    """The backups that `settings` tell of. Raises `SettingError`."""
    private = Path(tempfile.mkdtemp(prefix="vilkar-search-"))
    try:
        yield Contents(settings, private)
    finally:
        shutil.rmtree(private)
