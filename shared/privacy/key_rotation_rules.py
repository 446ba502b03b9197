"""When a renewal of the data keys may go on, and when the keys before it are needed by nobody any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shared.privacy.keys import FIRST
from shared.wait_bounds import noted_by

HOLDERS: Final = ("account", "audit")
"""The services whose databases hold sealed values."""
MARGIN: Final = timedelta(days=1)
"""A backup that was being taken when the last value was sealed anew."""
FRESH: Final = timedelta(hours=1)
"""An older report says nothing: the database may have been restored since."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """One renewal of all data keys.

    `keyed_at` is the instant, by the clock that backups are dated by, at which everybody had a key of this
    generation; `sealing_from` the one from which on is sealed under it.
    """

    generation: int
    begun_at: datetime
    keyed_at: datetime | None
    sealing_from: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a holder last found sealed under keys before `generation`."""

    holder: str
    generation: int
    left_over: int
    unreadable: int
    """Rows that no key opens any more: of who is being erased, or lost. Nothing can be sealed anew of them."""
    looked_at: datetime
    clear_since: datetime | None
    """Since when nothing that can be read lies under an earlier key; None while something does."""


def next_generation(known: Iterable[int], today: date) -> int:
    """The number of a new generation: the day as a number, so that none is given twice.

    A keyring that was restored from before a renewal has no memory of it, and values may lie under its keys.
    """
    return max(max(known, default=FIRST) + 1, int(today.strftime("%Y%m%d")))


def sealing_generation(renewals: Iterable[Renewal]) -> int:
    """The generation under which is sealed by now."""
    return max((each.generation for each in renewals if each.sealing_from is not None), default=FIRST)


def known_generation(renewals: Iterable[Renewal]) -> int:
    """The newest generation of which everybody has a key: nothing is sealed under a later one.

    The backup of the keyring that has to be taken before anything is sealed under a generation knows this of it.
    """
    return max((each.generation for each in renewals if each.keyed_at is not None), default=FIRST)


def is_finished(renewal: Renewal, reports: Sequence[Report]) -> bool:
    """Whether every holder has said that nothing is left under keys before this renewal."""
    clear = {each.holder for each in reports if each.generation == renewal.generation and each.left_over == 0}
    return renewal.sealing_from is not None and clear.issuperset(HOLDERS)


def unfinished(renewals: Sequence[Renewal], reports: Sequence[Report]) -> Renewal | None:
    """The newest renewal where it is under way: a new one is not begun beside it."""
    newest = max(renewals, key=lambda each: each.generation, default=None)
    return None if newest is None or is_finished(newest, reports) else newest


def needed_until(renewal: Renewal, reports: Sequence[Report], window: timedelta) -> datetime | None:
    """Until when a data backup may hold values under keys before this renewal; None where they are in use.

    `window` is how old a data backup may become.
    """
    if not is_finished(renewal, reports):
        return None
    since = [each.clear_since for each in reports if each.generation == renewal.generation and each.clear_since]
    return max(since) + window + MARGIN


def unneeded_before(
    renewals: Sequence[Renewal], reports: Sequence[Report], window: timedelta, now: datetime
) -> int | None:
    """The generation before which retired keys are to be destroyed; None where none are.

    Each holder must have looked a moment ago: whatever backup could still be restored when a report was made has
    reached its age by then, and one restored before is in the report.
    """
    newest = None
    for each in sorted(renewals, key=lambda renewal: renewal.generation):
        of_generation = [report for report in reports if report.generation == each.generation]
        until = needed_until(each, of_generation, window)
        if until is not None and until <= now and all(_is_fresh(report, now) for report in of_generation):
            newest = each.generation
    return newest


def _is_fresh(report: Report, now: datetime) -> bool:
    """Whether it was made a moment ago. One that is dated ahead of now was dated by a clock that was wrong."""
    return noted_by(report.looked_at, now) and now - report.looked_at <= FRESH


def left_before(generations: Iterable[int], below: dict[int, int]) -> dict[int, int]:
    """How many rows lie under keys before each generation; `below` counts them by their oldest one."""
    return {each: sum(count for found, count in below.items() if found < each) for each in generations}
