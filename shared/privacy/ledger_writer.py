"""Writing to the ledger: one writer at a time, on the disk before it counts, and never behind a doubtful end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from shared import append_only, log
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerAltered
from shared.privacy.ledger_lines import (
    LINE_LIMIT_BYTES,
    Entry,
    Fact,
    Mark,
    Opening,
    digest,
)
from shared.signing import PublicKey, SigningKey

WAIT_SECONDS: Final = 10.0
"""How long a writer waits for another one."""

PIECE_BYTES: Final = 1 << 20

logger = log.get("ledger")


class LedgerWriter(Ledger):
    """A ledger file and the key to sign with. Several processes may have one; the file's lock keeps them apart."""

    def __init__(self, path: Path, *, signing_key: SigningKey, older_keys: Sequence[PublicKey] = ()) -> None:
        """`older_keys` are those that signed before `signing_key` did."""
        super().__init__(path, keys=[signing_key.public, *older_keys])
        self._key = signing_key
        self._seen: Mark | None = None

    def create(self, ledger_id: UUID, now: datetime) -> None:
        """Begin a new ledger. Raises `FileExistsError` where there is one: nothing is ever written over."""
        opening = Opening.new(ledger_id, at=now, key=self._key)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        append_only.write_new(draft, [opening.line + b"\n"])
        try:
            os.link(draft, self.path)
        finally:
            draft.unlink()
        append_only.sync_folder(self.path.parent)

    def append(self, facts: Iterable[Fact], now: datetime) -> list[Entry]:
        """Write facts, all or none, and return once they are on the disk.

        A fact that is written twice does no harm: replaying is repeatable. Raises a `LedgerError` where the end
        of the file does not verify or lacks what was seen there, and `FileBusy` where another writer takes long.
        """
        with self._locked() as stream:
            end = self._mended_end(stream)
            self._must_follow(end)
            entries = []
            for fact in facts:
                entries.append(Entry.make(fact, after=end, at=now, key=self._key))
                end = entries[-1].mark
            append_only.append_lines(stream, [entry.line for entry in entries])
            self._seen = end
        append_only.sync_folder(self.path.parent)
        return entries

    def purge(self, before: datetime, now: datetime, *, keep_after: int | None = None) -> int:
        """Forget the oldest entries, all those written before `before`; returns how many.

        The file begins anew with a signed statement of how far it was purged and with which hash, which the
        first line kept names as ever. Entries after position `keep_after` stay whatever their age: name the
        lowest position that a service has still to replay from. Raises a `LedgerError` where anything of the
        file does not verify; nothing is changed then.
        """
        with self._locked() as stream:
            head = self._mended_end(stream)
            opening = self.opening()
            to, offset = opening.mark, len(opening.line) + 1
            for entry in self.read():
                if entry.at >= before or (keep_after is not None and entry.position > keep_after):
                    break
                to, offset = entry.mark, offset + len(entry.line) + 1
            if to == opening.mark:
                return 0
            self._exchange(stream, opening.moved(to, at=now, key=self._key), offset, head)
        logger.info("ledger_purged", entries=to.position - opening.position, position=to.position)
        return to.position - opening.position

    def _exchange(self, stream: IO[bytes], opening: Opening, offset: int, head: Mark) -> None:
        """Put a file with another beginning in the place of this one, after it was verified to the same head."""
        draft = self.path.with_suffix(".draft")
        append_only.write_new(draft, _joined(opening.line + b"\n", stream, offset))
        try:
            Ledger(draft, keys=self.keys, name="the purged ledger").verify(head, every_signature=False)
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
        append_only.sync_folder(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        if not self.path.exists():
            raise self._missing()
        with append_only.locked(self.path, create=False, wait_seconds=WAIT_SECONDS) as stream:
            yield stream

    def _mended_end(self, stream: IO[bytes]) -> Mark:
        """The verified head, after a torn line was cut off, or finished where only its end was missing."""
        opening = self._read_opening(stream)
        end, torn = self._torn_end(stream)
        head = self._head_by_its_end(stream, opening)
        if not torn:
            return head
        self._refuse_changed_end(torn, head)
        finished = self._is_next(torn, head)
        if finished:
            append_only.append_lines(stream, [b""])
            head = Mark(head.position + 1, digest(torn))
        else:
            stream.truncate(end)
        logger.warning("ledger_end_mended", position=head.position, bytes=len(torn), finished=finished)
        return head

    def _torn_end(self, stream: IO[bytes]) -> tuple[int, bytes]:
        what = f"{self.name} ends with something that is no line of it"
        try:
            end, torn = append_only.torn_end(stream, LINE_LIMIT_BYTES)
        except ValueError:
            raise LedgerAltered(what) from None
        if len(torn) > LINE_LIMIT_BYTES:
            raise LedgerAltered(what)
        return end, torn

    def _must_follow(self, end: Mark) -> None:
        seen = self._seen
        if seen is None or end.position > seen.position:
            return
        if end.position < seen.position:
            raise self._shortened(end, seen)
        if end != seen:
            raise self._other(end.position)


def _joined(first: bytes, rest: IO[bytes], offset: int) -> Iterator[bytes]:
    yield first
    rest.seek(offset)
    while piece := rest.read(PIECE_BYTES):
        yield piece
