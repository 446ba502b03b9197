"""One encrypted repository, kept with restic: a set's snapshots, and nothing of another set.

restic encrypts and authenticates everything it writes (AES-256 and Poly1305, keys derived from the set's own secret
file) and writes a snapshot last: what an interrupted run left is never a snapshot, and the next prune removes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from deploy.backup import programs
from deploy.backup.errors import BackupFailed
from deploy.backup.rules import SHORT_ID, Snapshot
from deploy.backup.targets import Target

SHORT_SECONDS: Final = 300.0
LONG_SECONDS: Final = 6 * 3600.0
_HOST: Final = "vilkar"
_LOCKED: Final = "already locked"
_NOT_ALLOWED: Final = re.compile(r"Access Denied|AccessDenied|Access Key Id you provided|request signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A snapshot made now. Sizes in bytes: what was backed up, and what the repository has grown by."""

    id: str
    read_bytes: int
    added_bytes: int


class Repository:
    """The repository of one set at a target."""

    def __init__(self, name: str, target: Target, *, key_file: Path, scratch: Path) -> None:
        """`key_file` holds the set's key, `scratch` is a private folder for what restic is still to send."""
        self.name = name
        self.address = target.repository(name)
        self.off_site = target.off_site
        self._kind = target.kind
        self._options = target.options
        self._environment = {
            **target.environment,
            "RESTIC_REPOSITORY": self.address,
            "RESTIC_PASSWORD_FILE": str(key_file),
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
        }

    def open(self, known_id: str | None, *, make: bool) -> str:
        """Return the repository's id; with `make`, make it where there is none.

        `known_id` is what it was before: a repository that is gone or another one is not begun anew in silence,
        for it may be a disk that is not mounted. Raises `BackupFailed`.
        """
        present_id = self._id(make=make and known_id is None)
        if known_id not in {None, present_id}:
            raise BackupFailed(f"another repository lies at {self.address} than the one that was there before")
        return present_id

    def _id(self, *, make: bool) -> str:
        try:
            config = self._run("cat", "config", "--no-lock")
        except BackupFailed as first:
            if not make:
                raise BackupFailed(f"the repository {self.address} cannot be opened: {first}") from first
            try:
                self._run("init")
            except BackupFailed as second:
                raise BackupFailed(
                    f"{self.address} can be neither opened ({first}) nor made ({second})"
                ) from second
            config = self._run("cat", "config", "--no-lock")
        return str(json.loads(config)["id"])

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot, oldest first."""
        raw = json.loads(self._run("snapshots", "--json", "--no-lock"))
        return sorted(Snapshot(at=_instant(each["time"]), id=each["id"]) for each in raw or ())

    def store(self, folder: Path, at: datetime) -> Stored:
        """Make a snapshot of a folder, dated `at`."""
        stamp = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        printed = self._unlocked(
            "backup", "--json", "--host", _HOST, "--time", stamp, "--tag", self.name, str(folder)
        )
        summary = _summary(printed)
        return Stored(
            id=summary["snapshot_id"][:SHORT_ID],
            read_bytes=int(summary["total_bytes_processed"]),
            added_bytes=int(summary["data_added"]),
        )

    def forget(self, snapshots: list[Snapshot]) -> None:
        """Forget snapshots, and remove from the repository every byte that no remaining one needs.

        Also without any to forget: what interrupted runs left must not outlive the window either.
        """
        if snapshots:
            self._unlocked("forget", *(each.id for each in snapshots))
        self._unlocked("prune", "--max-unused", "0")

    def check(self) -> None:
        """Verify that every snapshot is whole. Raises `BackupFailed`."""
        self._unlocked("check")

    def fetch(self, snapshot: Snapshot, folder: Path) -> Path:
        """Write a snapshot's files below `folder`; returns where they lie."""
        self._run("restore", snapshot.id, "--no-lock", "--target", str(folder), limit_s=LONG_SECONDS)
        files = [path for path in folder.rglob("*") if path.is_file()]
        if not files:
            raise BackupFailed(f"backup {snapshot.short_id} of {self.name} is empty")
        return files[0].parent

    def stream(self, snapshot: Snapshot) -> Iterator[bytes]:
        """A snapshot's files in clear, one after the other as in a tar file, piece by piece; nothing is written."""
        argv = [programs.restic(), "--no-cache", "--quiet", *self._options, "dump", "--no-lock"]
        argv += ["--archive", "tar", snapshot.id, "/"]
        return programs.stream(argv, env=self._environment, limit_s=LONG_SECONDS)

    def stored_bytes(self) -> int:
        """The size of the repository's data."""
        return int(json.loads(self._run("stats", "--json", "--no-lock", "--mode", "raw-data"))["total_size"])

    def _unlocked(self, *arguments: str) -> str:
        """Run what needs the repository's lock; one left behind is taken away first.

        Of this system nobody else can have it: `Backups` works under a lock of its own, on this machine. restic
        would wait half an hour for a process of a container that is gone.
        """
        try:
            return self._run(*arguments, limit_s=LONG_SECONDS)
        except BackupFailed as error:
            if _LOCKED not in str(error):
                raise
        self._run("unlock", "--remove-all")
        return self._run(*arguments, limit_s=LONG_SECONDS)

    def _run(self, *arguments: str, limit_s: float = SHORT_SECONDS) -> str:
        argv = [programs.restic(), "--no-cache", "--quiet", *self._options, *arguments]
        if "--json" in arguments:
            argv.remove("--quiet")
        try:
            return programs.run(argv, env=self._environment, limit_s=limit_s)
        except BackupFailed as error:
            if self._kind == "s3" and _NOT_ALLOWED.search(str(error)):
                raise BackupFailed(f"the store does not let the key in s3_credentials do this: {error}") from error
            raise


def _summary(printed: str) -> dict[str, Any]:
    for line in reversed(printed.splitlines()):
        if line.startswith("{") and (message := json.loads(line)).get("message_type") == "summary":
            summary: dict[str, Any] = message
            return summary
    raise BackupFailed("restic made no snapshot")


def _instant(text: str) -> datetime:
    # restic writes nanoseconds, of which Python 3.11 reads six digits only with a full stop before them.
    whole, _, rest = text.partition(".")
    if not rest:
        return datetime.fromisoformat(whole).astimezone(UTC)
    zone = rest.lstrip("0123456789")
    digits = rest.removesuffix(zone)[:6].ljust(6, "0")
    return datetime.fromisoformat(f"{whole}.{digits}{zone}").astimezone(UTC)
