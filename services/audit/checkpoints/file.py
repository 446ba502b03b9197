"""The file outside the database that checkpoints are kept in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.audit.checkpoints.signing import Checkpoint
from shared import append_only

LINE_LIMIT_BYTES: Final = 2048


@dataclass(slots=True)
class FileContents:
    """What the file holds: checkpoints in their order, and the numbers of lines that are not one.

    `torn` says that the last line was never finished; it counts as not written.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    damaged_lines: list[int] = field(default_factory=list)
    torn: bool = False
    present: bool = True


class CheckpointFile:
    """The append-only file `checkpoints.jsonl`, one checkpoint a line.

    It lies outside the database, so that whoever can change both the trail and its checkpoints there still
    contradicts something. Copied off the machine, it also survives whoever owns the machine.
    """

    def __init__(self, path: Path) -> None:
        """The file's folder is made when the first line is written."""
        self.path = path

    def read(self) -> FileContents:
        """Everything in the file. A missing file has no lines."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return FileContents(present=False)
        *lines, rest = raw.split(b"\n")
        contents = FileContents(torn=bool(rest))
        for number, line in enumerate(lines, start=1):
            try:
                contents.checkpoints.append(Checkpoint.parse(line))
            except ValueError:
                contents.damaged_lines.append(number)
        return contents

    def last(self) -> Checkpoint | None:
        """The last finished line, or None. Raises `ValueError` where it is no checkpoint."""
        try:
            with self.path.open("rb") as stream:
                end = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, end - 2 * LINE_LIMIT_BYTES))
                lines = stream.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return None
        return Checkpoint.parse(lines[-1]) if lines else None

    def append(self, checkpoints: Iterable[Checkpoint]) -> int:
        """Write lines to the disk, all or those that the disk took; cut off a torn line first. Returns how many.

        A checkpoint whose number the file has already is passed over, so two writers do no harm.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with append_only.locked(self.path) as stream:
            append_only.cut_torn_line(stream, LINE_LIMIT_BYTES)  # the table still has that checkpoint
            last = self.last()
            known = last.number if last else 0
            fresh = [each for each in checkpoints if each.number > known]
            append_only.append_lines(stream, [each.line() for each in fresh])
        append_only.sync_folder(self.path.parent)
        return len(fresh)

    def put_aside(self, suffix: str) -> str | None:
        """Rename the file and return its new name, or None where there is none. Nothing is overwritten."""
        if not self.path.exists():
            return None
        aside = self.path.with_name(f"{self.path.stem}.{suffix}{self.path.suffix}")
        if aside.exists():
            raise FileExistsError(f"{aside.name} is there already")
        self.path.rename(aside)
        append_only.sync_folder(self.path.parent)
        return aside.name
