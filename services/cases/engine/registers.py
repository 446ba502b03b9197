"""What counts in a register, page by page: what rooms ask for whom they act by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from services.registers.board.calls import COUNTING_NAMED, CountingRecord, CountingRecords
from shared.calls import Caller, pages

PAGES_MOST: Final = 400


def counting(caller: Caller, kind: str, on: date, account_ids: Sequence[UUID]) -> Iterator[CountingRecord]:
    """The records of a kind that count on a day, of these companies. Raises what the call does, and `Permanent`."""
    for begin in range(0, len(account_ids), COUNTING_NAMED):
        yield from _counting(caller, kind, on, tuple(account_ids[begin : begin + COUNTING_NAMED]))


def all_counting(caller: Caller, kind: str, on: date) -> Iterator[CountingRecord]:
    """The records of a kind that count on a day, of all companies."""
    return _counting(caller, kind, on, ())


def _counting(caller: Caller, kind: str, on: date, part: tuple[UUID, ...]) -> Iterator[CountingRecord]:
    read = pages(
        lambda after: caller.ask(CountingRecords(kind=kind, on=on, account_ids=part, after=after)),
        lambda page: page.next_after,
        most=PAGES_MOST,
        too_many=f"there are more records of {kind} than are read",
    )
    for page in read:
        yield from page.records
