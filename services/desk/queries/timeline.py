"""Everything that happened to one account, as all services tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.audit.trail.calls import RowShown, Trail
from services.desk.client import Desk
from services.desk.queries.erasures import certified
from services.notification.history.calls import Letters, LetterShown
from services.retention.monitoring.calls import ErasureShown, Timeline

TRAIL_LIMIT: Final = 200


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened, with what audit or notification knows of it: one of the two."""

    at: datetime
    row: RowShown | None = None
    letter: LetterShown | None = None

    def line(self) -> dict[str, Any]:
        """When, who tells it, what it was, and what is known besides: for a table of codes."""
        if self.letter is not None:
            who, what, more = "notification", f"letter {self.letter.letter}", self.letter.state
        elif self.row is not None:
            who, what, more = self.row.source, self.row.type, facts_of(self.row)
        else:
            raise ValueError("an entry is of the trail or a letter")
        return {"at": self.at.isoformat(), "who": who, "what": what, "more": more}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """Everything that happened to an account, in order of time; `erased` are the erasures of it that are over."""

    entries: tuple[Entry, ...]
    erased: tuple[ErasureShown, ...]


def happened(at: Desk, account_id: UUID) -> Happened:
    """The audit trail and the letters of one account as one list, and its certificates, which outlive both."""
    with at.together() as page:
        trail = page.ask(Trail(subject=f"account/{account_id}", limit=TRAIL_LIMIT))
        letters = page.ask(Letters(account_id=account_id))
        erasures = page.ask(Timeline(account_id=account_id))
    entries = [Entry(at=row.occurred_at, row=row) for row in trail.reply.rows]
    entries += [Entry(at=letter.sent_at or letter.requested_at, letter=letter) for letter in letters.reply.letters]
    return Happened(
        entries=tuple(sorted(entries, key=lambda entry: entry.at)), erased=certified(erasures.reply.erasures)
    )


def facts_of(row: RowShown) -> str:
    """What a row says besides its type: names of fields, codes, numbers and dates."""
    facts = [f"{name}={value}" for name, value in row.facts.items()]
    return " ".join([*map(str, row.field_names), *facts])
