"""Copies of the ledger in another place, and what is known of its state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from shared import append_only
from shared.privacy.ledger import Ledger, Verified, file_of
from shared.privacy.ledger_errors import LedgerAltered
from shared.privacy.ledger_lines import Mark

PIECE_BYTES: Final = 1 << 20
RECORD: Final = "last_copy.json"


@dataclass(frozen=True, slots=True)
class Copied:
    """The last copy that was made: how far the ledger was then, and when that was."""

    head: Mark
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of the ledger: how many entries the file has, from where to where, and its last copy."""

    length: int
    opens_after: int
    head: Mark
    torn: bool
    last_copy: Copied | None


def copy_ledger(ledger: Ledger, folder: Path, now: datetime) -> Mark:
    """Copy the finished lines into `folder` and verify the copy; returns how far it reaches.

    An earlier copy there is replaced only by one that continues it: a ledger that lost or changed lines never
    takes the place of a good copy. Raises a `LedgerError`, and `FileBusy` where a purge came in between.
    """
    state = ledger.verify(every_signature=False)
    target = folder / ledger.path.name
    folder.mkdir(parents=True, exist_ok=True)
    if target.exists():
        must_continue(ledger, state, target)
    draft = target.with_suffix(".draft")
    try:
        with ledger.path.open("rb") as stream:
            if file_of(stream) != state.file:
                raise append_only.FileBusy("the ledger was purged while it was to be copied")
            append_only.write_new(draft, _beginning(stream, state.end_offset))
        Ledger(draft, keys=ledger.keys, name="the copy of the ledger").verify(state.head, every_signature=False)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    append_only.sync_folder(folder)
    _record(ledger.path.with_name(RECORD), Copied(state.head, now))
    return state.head


def status(ledger: Ledger) -> Status:
    """The state of a ledger, after following its chain. Raises a `LedgerError`."""
    state = ledger.verify(every_signature=False)
    return Status(
        length=state.entries,
        opens_after=state.opening.position,
        head=state.head,
        torn=state.torn,
        last_copy=last_copy(ledger),
    )


def must_continue(ledger: Ledger, state: Verified, target: Path) -> None:
    """Raise a `LedgerError` unless the ledger goes on from the copy at `target`, which verifies."""
    copy = Ledger(target, keys=ledger.keys, name="the earlier copy of the ledger").verify(every_signature=False)
    if copy.opening.ledger_id != state.opening.ledger_id:
        raise LedgerAltered("the copy belongs to another ledger")
    if copy.head.position >= state.opening.position:
        ledger.verify(copy.head, every_signature=False)


def _beginning(stream: IO[bytes], length: int) -> Iterator[bytes]:
    left = length
    while left and (piece := stream.read(min(left, PIECE_BYTES))):
        left -= len(piece)
        yield piece


def _record(path: Path, copied: Copied) -> None:
    values = {"position": copied.head.position, "hash": copied.head.hash, "at": copied.at.isoformat()}
    append_only.exchange(path, [json.dumps(values).encode("ascii") + b"\n"])


def last_copy(ledger: Ledger) -> Copied | None:
    """When the ledger was copied last, and how far it was then; None where it never was."""
    try:
        raw = json.loads(ledger.path.with_name(RECORD).read_bytes())
    except FileNotFoundError:
        return None
    return Copied(Mark(int(raw["position"]), str(raw["hash"])), datetime.fromisoformat(raw["at"]))
