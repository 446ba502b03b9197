"""The ledger: what a restore must not undo, in an append-only file outside every database.

Each line is signed and names the hash of the line before it, so whoever holds a position and the hash there can
tell whether the file still tells the same. A line counts once it is on the disk with its end; what a crash left
of one is cut off by the next writer. The first line says from which position on the file tells the facts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from shared import append_only
from shared.privacy.ledger_errors import (
    LedgerAltered,
    LedgerMissing,
    LedgerPurged,
    LedgerShortened,
    LedgerTooNew,
)
from shared.privacy.ledger_lines import (
    EVENT_FORMAT,
    KINDS,
    LINE_LIMIT_BYTES,
    MALFORMED,
    ORIGIN,
    Entry,
    Mark,
    Opening,
    digest,
)
from shared.signing import PublicKey, is_signed, read_line

TELL_EVERY: Final = 200
"""Entries between two words about how far a verification is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a file was found to be: how many entries it has, where it begins and ends."""

    opening: Opening
    head: Mark
    entries: int
    end_offset: int
    """Where the last finished line ends, in bytes."""
    torn: bool
    """Whether an unfinished line stands behind it; the next writer cuts it off."""
    file: tuple[int, int]
    """Device and number of the file that was read."""


@dataclass(frozen=True, slots=True)
class _Resting:
    """Where a reader stopped: the file, the mark it reached, and where the line of that mark stands."""

    file: tuple[int, int]
    mark: Mark
    start: int


class Ledger:
    """One ledger file, for reading: nothing it holds is believed before it is verified."""

    def __init__(self, path: Path, *, keys: Sequence[PublicKey], name: str = "the ledger") -> None:
        """`keys` are those that may have signed; `name` is what errors call this file."""
        self.path = path
        self.name = name
        self.keys = tuple(keys)
        self._resting: _Resting | None = None

    def opening(self) -> Opening:
        """The first line. Raises a `LedgerError`."""
        with self._opened() as stream:
            return self._read_opening(stream)

    def extent(self) -> tuple[Opening, Mark]:
        """The first line and the place of the last: how much there is, without following the chain in between.

        Raises a `LedgerError` where one of the two is not ours.
        """
        with self._opened() as stream:
            opening = self._read_opening(stream)
            return opening, self._head_by_its_end(stream, opening)

    def read(self, after: Mark | None = None) -> Iterator[Entry]:
        """The entries after a known mark, or all, in order, each verified before it is handed out.

        Bounded memory: one line at a time. The chain is followed from the first line of the file; signatures
        are checked from the mark on. Raises `LedgerShortened` where the file ends before the mark,
        `LedgerAltered` where another hash stands there, `LedgerPurged` where the mark lies before the file.
        """
        with self._opened() as stream:
            at = self._begin(self._read_opening(stream), after)
            at, start = self._resume(stream, after) or (at, stream.tell())
            for line in (lines := _Lines(stream, self.name)):
                raw, before = self._linked(line, at), at
                at = self._expect(Mark(at.position + 1, digest(line)), after)
                if after is None or at.position > after.position:
                    yield self._entry(raw, line, before)
                start = lines.start
            self._refuse_changed_end(lines.torn, at)
            if after and at.position < after.position:
                raise self._shortened(at, after)
            self._resting = _Resting(file_of(stream), at, start)

    def _resume(self, stream: IO[bytes], after: Mark | None) -> tuple[Mark, int] | None:
        """Go on where the last reading of the same file stopped, where that is the place asked for."""
        resting = self._resting
        if resting is None or after != resting.mark or resting.file != file_of(stream):
            return None
        back = stream.tell()
        stream.seek(resting.start)
        line = stream.readline(LINE_LIMIT_BYTES + 1)
        if line.endswith(b"\n") and digest(line[:-1]) == resting.mark.hash:
            return resting.mark, resting.start
        stream.seek(back)
        return None

    def verify(
        self,
        known: Mark | None = None,
        *,
        every_signature: bool = True,
        told: Callable[[int], None] | None = None,
    ) -> Verified:
        """Read the whole file. Raises a `LedgerError` at the first thing that is wrong.

        `known` is a mark that must be in it. The chain binds every line to the last one, so the last
        signature vouches for all; `every_signature` asks for each nevertheless. `told` hears now and then, and at
        the end, how many entries are done.
        """
        with self._opened() as stream:
            opening = self._read_opening(stream)
            at = self._begin(opening, known)
            entries, end, last = 0, stream.tell(), None
            for line in (lines := _Lines(stream, self.name)):
                last = (self._linked(line, at), line, at)
                if every_signature:
                    self._entry(*last)
                at = self._expect(Mark(at.position + 1, digest(line)), known)
                entries, end = entries + 1, lines.end
                if told is not None and entries % TELL_EVERY == 0:
                    told(entries)
            if told is not None:
                told(entries)
            if last is not None:
                self._entry(*last)
            self._refuse_changed_end(lines.torn, at)
            file = file_of(stream)
        if known and at.position < known.position:
            raise self._shortened(at, known)
        torn = bool(lines.torn)
        return Verified(opening=opening, head=at, entries=entries, end_offset=end, torn=torn, file=file)

    def _head_by_its_end(self, stream: IO[bytes], opening: Opening) -> Mark:
        *before, last = append_only.last_lines(stream, LINE_LIMIT_BYTES, 2)
        if not before:
            return opening.mark
        previous = opening.mark
        if before[0] != opening.line:
            try:
                previous = Mark(int(read_line(before[0])["position"]), digest(before[0]))
            except MALFORMED:
                raise LedgerAltered(f"{self.name} has an unreadable line before its last") from None
        return self._entry(self._linked(last, previous), last, previous).mark

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            stream = self.path.open("rb")
        except FileNotFoundError:
            raise self._missing() from None
        except OSError as error:
            raise LedgerMissing(f"{self.name} cannot be read ({type(error).__name__})") from None
        with stream:
            yield stream

    def _read_opening(self, stream: IO[bytes]) -> Opening:
        """The first line of a stream, which stands behind it afterwards. Raises a `LedgerError`."""
        stream.seek(0)
        line = stream.readline(LINE_LIMIT_BYTES + 1)
        if not line:
            raise LedgerShortened(f"{self.name} is empty, it has lost even its first line")
        try:
            raw = read_line(line.removesuffix(b"\n"))
            if line.endswith(b"\n") and is_signed(ORIGIN, raw, self.keys):
                return Opening.of(raw, line[:-1])
        except MALFORMED:
            pass
        raise LedgerAltered(f"the first line of {self.name} is not one that we signed")

    def _linked(self, line: bytes, after: Mark) -> dict[str, Any]:
        try:
            raw = read_line(line)
            linked = raw["previous"] == after.hash and raw["position"] == after.position + 1
        except MALFORMED:
            raise LedgerAltered(f"{self.name} is unreadable after position {after.position}") from None
        if not linked:
            raise LedgerAltered(f"{self.name} goes on after position {after.position} with a line of another place")
        return raw

    def _entry(self, raw: dict[str, Any], line: bytes, after: Mark) -> Entry:
        position = after.position + 1
        try:
            signed = is_signed(ORIGIN, raw, self.keys)
            if signed and raw.get("format", EVENT_FORMAT) != EVENT_FORMAT:
                raise LedgerTooNew(f"{self.name} has a line at position {position} in a format that we do not know")
            entry = Entry.of(raw, line) if signed else None
        except MALFORMED:
            raise LedgerAltered(f"{self.name} is malformed at position {position}") from None
        if entry is None:
            raise LedgerAltered(f"{self.name} has a line at position {position} that no known key signed")
        if entry.happening is None and entry.kind not in KINDS:
            raise LedgerTooNew(f"{self.name} holds {entry.kind} at position {position}, which we do not know")
        return entry

    def _is_next(self, line: bytes, after: Mark) -> bool:
        try:
            return is_signed(ORIGIN, self._linked(line, after), self.keys)
        except (*MALFORMED, LedgerAltered):
            return False

    def _refuse_changed_end(self, torn: bytes, head: Mark) -> None:
        """A crash leaves part of a line, never a whole one with something else in place of its end."""
        if torn and self._is_next(torn[:-1], head):
            raise LedgerAltered(f"the end of the last line of {self.name} was changed")

    def _begin(self, opening: Opening, known: Mark | None) -> Mark:
        if known is not None and known.position < opening.position:
            raise LedgerPurged(f"{self.name} begins after position {opening.position}, not after {known.position}")
        return self._expect(opening.mark, known)

    def _expect(self, at: Mark, known: Mark | None) -> Mark:
        """`at`, unless it is the position of the known mark and has another hash."""
        if known is not None and at.position == known.position and at != known:
            raise self._other(at.position)
        return at

    def _missing(self) -> LedgerMissing:
        return LedgerMissing(f"{self.name} is not there ({self.path.name})")

    def _shortened(self, at: Mark, known: Mark) -> LedgerShortened:
        return LedgerShortened(f"{self.name} ends at position {at.position}, but had {known.position} before")

    def _other(self, position: int) -> LedgerAltered:
        return LedgerAltered(f"{self.name} is another one: position {position} had another hash before")


class _Lines:
    """The finished lines of a stream from where it stands, and afterwards what is left of an unfinished one.

    Raises `LedgerAltered` at something that is longer than any line.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self.start = self.end = stream.tell()
        self.torn = b""

    def __iter__(self) -> Iterator[bytes]:
        while line := self._stream.readline(LINE_LIMIT_BYTES + 2):
            if len(line.removesuffix(b"\n")) > LINE_LIMIT_BYTES:
                raise LedgerAltered(f"{self._name} has something that is longer than a line at byte {self.end}")
            if not line.endswith(b"\n"):
                self.torn = line
                return
            self.start, self.end = self.end, self.end + len(line)
            yield line[:-1]


def file_of(stream: IO[bytes]) -> tuple[int, int]:
    """Device and number of an open file: another file under the same name has others."""
    status = os.fstat(stream.fileno())
    return status.st_dev, status.st_ino
