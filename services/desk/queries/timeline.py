"""Everything that happened to one account, as all services tell it, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.audit.trail.calls import RowShown, Trail
from services.desk.client import Desk
from services.desk.queries.erasures import certified
from services.notification.history.calls import LETTERS_MOST, Letters, LetterShown
from services.retention.monitoring.calls import ErasureShown, Timeline
from shared.actor import SYSTEM
from shared.calendar import oslo_date

TRAIL_LIMIT: Final = 200
"""Rows of the trail on one page. Another page tells what is older."""

LOOK: Final = "staff.personal_data_read"
"""What is told once a day for each person and purpose, however often it happened."""

LETTERS: Final = ("notification.sent", "notification.delivered", "notification.failed")
"""What is told once for each letter, with what became of it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened, as audit or notification knows it. `times` is how often it did that day."""

    at: datetime
    row: RowShown | None = None
    letter: LetterShown | None = None
    times: int = 1

    @property
    def who(self) -> str:
        """Who did it."""
        return self.row.actor if self.row else str(SYSTEM)

    @property
    def told_by(self) -> str:
        """The service that tells it."""
        return self.row.source if self.row and not self.letter else "notification"

    def line(self) -> dict[str, Any]:
        """When, who did it, what it was, and what is known besides: for a table of codes."""
        if self.letter is not None:
            what, more = f"letter {self.letter.letter}", self.letter.state
        elif self.row is not None:
            what, more = self.row.type, facts_of(self.row)
        else:
            raise ValueError("an entry is of the trail or a letter")
        times = {"times": self.times} if self.times > 1 else {}
        return {"at": self.at.isoformat(), "who": self.who, "what": what, "more": more, **times}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A page of what happened to an account, the newest first; `erased` are the erasures of it that are over.

    `before` is from where the page of what is older goes on, None where nothing is.
    """

    entries: tuple[Entry, ...]
    erased: tuple[ErasureShown, ...]
    before: int | None


def happened(at: Desk, account_id: UUID, before: int | None = None) -> Happened:
    """The audit trail and the letters of one account as one list, and its certificates, which outlive both.

    `before` is the number of the row of the trail from which an earlier page said that this one goes on.
    """
    asked = Trail(subject=f"account/{account_id}", newest_first=True, before_seq=before, limit=TRAIL_LIMIT)
    with at.together() as page:
        trail = page.ask(asked)
        letters = page.ask(Letters(account_id=account_id, limit=LETTERS_MOST))
        erasures = page.ask(Timeline(account_id=account_id))
    older = trail.reply.next_before_seq
    known = {each.letter_id: each for each in letters.reply.letters}
    entries = list(_folded(trail.reply.rows, known))
    if before is None:
        told = {each.letter.letter_id for each in entries if each.letter}
        entries += _without_row(known.values(), told, is_all=older is None)
    return Happened(
        entries=tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)),
        erased=certified(erasures.reply.erasures),
        before=older,
    )


def _folded(rows: Iterable[RowShown], letters: dict[UUID, LetterShown]) -> Iterator[Entry]:
    """The rows, but each letter once, and once a day who looked for one purpose."""
    entries: dict[object, Entry] = {}
    for row in rows:
        key: object = row.seq
        letter = letters.get(UUID(row.facts["letter_id"])) if row.type in LETTERS else None
        if letter is not None:
            key = letter.letter_id
        elif row.type == LOOK:
            key = (row.type, row.actor, row.facts.get("purpose"), oslo_date(row.occurred_at))
        if key not in entries:
            sent_at = letter.sent_at if letter else None
            entries[key] = Entry(at=sent_at or row.occurred_at, row=row, letter=letter)
        elif letter is None:
            entries[key] = replace(entries[key], times=entries[key].times + 1)
    return iter(entries.values())


def _without_row(letters: Iterable[LetterShown], told: set[UUID], *, is_all: bool) -> Iterator[Entry]:
    """Letters of which the trail knows nothing yet; all others, too, where it has no older rows."""
    for each in letters:
        if each.letter_id not in told and (is_all or (each.sent_at is None and each.settled_at is None)):
            yield Entry(at=each.sent_at or each.requested_at, letter=each)


def facts_of(row: RowShown) -> str:
    """What a row says besides its type: names of fields, codes, numbers and dates."""
    facts = [f"{name}={value}" for name, value in row.facts.items()]
    return " ".join([*map(str, row.field_names), *facts])
