"""A list of those whom a breach concerns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

Subject = tuple[UUID, UUID | None]
"""A customer, with a user of it or by itself."""
LISTED_MOST: Final = 400_000
"""So many stand on one list at most; a list of more is not computed, so whoever reads one reads all of it."""


class Scope(StrEnum):
    """By what it is said whom a breach concerns."""

    ALL = "all"
    """Every customer with data here at the instant of the breach."""
    CASE = "case"
    """The customers that the case names; of those of whom it names people, these people."""
    LOGINS = "logins"
    """Whoever logged in with success in a window."""
    AGREEMENTS = "agreements"
    """The customers that agreed to be told of changed security measures, and whom of them they name."""


def erased_mark(account_id: UUID, user_id: UUID | None) -> bytes:
    """What stands for somebody who was erased: a digest of random ids, which nobody can guess."""
    return hashlib.sha256(f"erased {account_id} {user_id}".encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedList:
    """Whom a breach concerns, as of an instant that has passed.

    `customers` and `persons` are counted once and stay; who is erased later is not on the list any more, and still
    counted. It is frozen with the decision that it was made for, and nothing is added to it then. The ledger gets
    it in `parts`, of which `parts_told` are on their way. `left_out` counts customers with an agreement that counts
    who are told nothing, for they are inactive. `changes` counts how often an agreement changed, or whom the
    case names, before a decision rested on it, and `changes_seen` those of them that it takes into account.
    """

    id: UUID
    case_id: UUID
    scope: Scope
    as_of: datetime
    window_from: datetime | None
    window_to: datetime | None
    asked_by: str
    asked_at: datetime
    computed_at: datetime | None
    customers: int | None
    persons: int | None
    decision_id: UUID | None
    parts: int | None = None
    parts_told: int = 0
    left_out: int | None = None
    changes: int = 0
    changes_seen: int = 0

    @property
    def counts(self) -> bool:
        """Whether it is computed, from agreements, or whom the case names, as they are now."""
        return self.computed_at is not None and self.changes == self.changes_seen
