"""The proofs off-site: certificates of erasure, and the signed checkpoints of the audit trail.

Both are files that are only appended to and that no restore sets back. What is sent must go on from what was sent
before, whatever the name of the file by now (audit puts one aside when its trail is reopened after a restore).
Where it does not, nothing is sent: what lies there contradicts what lies here, and stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy.backup import rules
from deploy.backup.errors import BackupFailed, RestoreRefused
from deploy.backup.repository import Repository
from shared import append_only

SENT_FILE: Final = "proofs_sent.json"
"""Beside the record: which files were sent last, how long, with which digest."""
MANIFEST: Final = "manifest.json"
APPENDED: Final = ".jsonl"
SENT_TOO: Final = ("public_key",)
"""What lies beside without being appended to: what checkpoints are checked with."""
LINE_LIMIT_BYTES: Final = 64 * 1024
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A file as it was sent: its length and its SHA-256."""

    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one file: written, completed or kept as it was."""

    path: Path
    outcome: str


Sent = Mapping[str, Piece]


class ProofCopies:
    """Copies of the folders with proofs at one target."""

    def __init__(
        self, folders: Mapping[str, Path], *, sent: Path, scratch: Path, opened: Callable[[bool], Repository]
    ) -> None:
        """`folders` by the name they have in the copies; `sent` remembers what was sent last.

        `opened` returns the repository, and makes it where told to.
        """
        self._folders = folders
        self._sent = sent
        self._scratch = scratch
        self._opened = opened

    def send(self, now: datetime) -> bool:
        """Send the files where they have changed since they were sent last; says whether they have.

        Raises `BackupFailed` where one does not continue what was sent, or is missing.
        """
        before = self._last_sent()
        folder = self._scratch / "proofs-to-send"
        folder.mkdir(mode=0o700)
        sending = self._take_out(folder)
        _require_continued(before, sending, folder)
        if not sending:
            return False
        repository = self._opened(True)
        snapshots = repository.snapshots()
        changed = sending != before or not snapshots
        if changed:
            repository.store(folder, rules.dated(snapshots, now))
            append_only.exchange(self._sent, [_text(sending)])
        old = rules.outlived(snapshots, now)
        if old:
            repository.forget(old)
        return changed

    def _take_out(self, folder: Path) -> Sent:
        """Copy what is to be sent, each file to its last finished line: they may grow meanwhile."""
        taken: dict[str, Piece] = {}
        for name, source in self._folders.items():
            for path in _proofs_in(source):
                target = folder / name / path.name
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, target)
                if path.suffix == APPENDED:
                    _cut(target)
                taken[f"{name}/{path.name}"] = Piece(target.stat().st_size, _digest(target))
        (folder / MANIFEST).write_bytes(_text(taken))
        return taken

    def _last_sent(self) -> Sent:
        try:
            return _read(self._sent)
        except FileNotFoundError:
            return {}

    def fetch(self, places: Mapping[str, Path] | None = None) -> list[Fetched]:
        """Bring the newest copies back into their folders, or into `places` by the same names.

        A file that goes as far as its copy or further is kept; one that ends earlier gets what it lacks. Raises
        `RestoreRefused` where a file and its copy contradict each other, and writes nothing then.
        """
        repository = self._opened(False)
        present = repository.snapshots()
        if not present:
            raise RestoreRefused("there is no copy of the proofs")
        repository.fetch(present[-1], self._scratch / "proofs")
        root = next(self._scratch.joinpath("proofs").rglob(MANIFEST)).parent
        into, steps = places or self._folders, []
        for name, piece in _read(root / MANIFEST).items():
            folder, _, file = name.partition("/")
            if _digest(root / name) != piece.digest:
                raise BackupFailed(f"the copy of {name} is not the file that was sent")
            target = into[folder] / file
            steps.append((root / name, target, _outcome(root / name, target)))
        for copy, target, outcome in steps:
            _bring(copy, target, outcome)
        return [Fetched(target, outcome) for _, target, outcome in steps]


def _proofs_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and (path.suffix == APPENDED or path.name in SENT_TOO):
            yield path


def _require_continued(before: Sent, sending: Sent, folder: Path) -> None:
    """Every file sent before must be the beginning of one that is there now, in the same folder."""
    for name, piece in before.items():
        place, _, file = name.partition("/")
        if file in SENT_TOO:
            continue
        beside = (other for other in sending if other.startswith(f"{place}/") and other != name)
        same = (other for other in (name, *beside) if other in sending and sending[other].bytes >= piece.bytes)
        if not any(_digest(folder / other, piece.bytes) == piece.digest for other in same):
            raise BackupFailed(
                f"the proofs were not sent: nothing here goes on from {name} as it was sent; compare it with its "
                "copy (fetch-proofs FOLDER)"
            )


def _outcome(copy: Path, target: Path) -> str:
    if not target.exists():
        return "written"
    if target.suffix != APPENDED:
        return "kept"
    size_here, size_of_copy = target.stat().st_size, copy.stat().st_size
    if _digest(target, min(size_here, size_of_copy)) != _digest(copy, min(size_here, size_of_copy)):
        raise RestoreRefused(
            f"{target} and its copy contradict each other, so nothing was written; fetch the copy into an empty "
            "folder and find out which of the two is true"
        )
    return "kept" if size_here >= size_of_copy else "completed"


def _bring(copy: Path, target: Path, outcome: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if outcome == "written":
        with copy.open("rb") as stream:
            append_only.exchange(target, iter(lambda: stream.read(_CHUNK_BYTES), b""))
    elif outcome == "completed":
        with append_only.locked(target, create=False) as stream, copy.open("rb") as whole:
            whole.seek(stream.seek(0, os.SEEK_END))
            shutil.copyfileobj(whole, stream)
            stream.flush()
            os.fsync(stream.fileno())
    append_only.sync_folder(target.parent)


def _cut(path: Path) -> None:
    with path.open("r+b") as stream:
        try:
            append_only.cut_torn_line(stream, LINE_LIMIT_BYTES)
        except ValueError as error:
            raise BackupFailed(f"{path.name} was not sent: {error}") from error


def _digest(path: Path, upto: int | None = None) -> str:
    """The SHA-256 of a file, or of its first bytes."""
    digest, left = hashlib.sha256(), path.stat().st_size if upto is None else upto
    with path.open("rb") as stream:
        while left > 0 and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _text(sent: Sent) -> bytes:
    return json.dumps({name: [each.bytes, each.digest] for name, each in sent.items()}, indent=1).encode() + b"\n"


def _read(path: Path) -> Sent:
    return {name: Piece(int(size), str(digest)) for name, (size, digest) in json.loads(path.read_bytes()).items()}
