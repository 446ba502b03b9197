"""A filing: for which customers we notify the authority of a breach, because they gave us a mandate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

FIRST: Final = "first"
"""The first notice alone, which keeps the time."""
FULL: Final = "full"
COVERS: Final = {FIRST: frozenset({FIRST, FULL}), FULL: frozenset({FULL})}
"""By which scopes of a mandate a notice of this extent may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Mandates looked up for a case. Nothing is added once a decision rests on it; `extent` says which notice."""

    id: UUID
    case_id: UUID
    asked_by: str
    asked_at: datetime
    looked_up_at: datetime | None
    extent: str | None
    decision_id: UUID | None
    notified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The mandate of a customer on the list of a breach, with how many of its persons are concerned."""

    account_id: UUID
    mandate_id: UUID
    scope: str
    valid_from: date
    valid_to: date | None
    persons: int

    def counts_on(self, day: date) -> bool:
        """Whether it counts on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
