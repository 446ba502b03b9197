"""What is to be erased, why, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Self
from uuid import UUID

from shared.hold_scope import LEGAL_HOLD, Held


class Purpose(Enum):
    """Why somebody's data are erased."""

    ORDERED = "ordered"
    DRY_RUN = "dry_run"
    """To see what it would take: it is rolled back."""
    REPLAYED = "replayed"
    """Once more: the database was set back behind the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Whose data are erased, and what of it stays because it is held or restricted.

    `id` is that of the erasure or of the dry run, `user_id` None for the whole account. `at` is now, or when the
    fact was written; `inactive_since` is told by the ledger, so only in a replay.
    """

    purpose: Purpose
    id: UUID
    account_id: UUID
    user_id: UUID | None
    held: Held
    at: datetime
    inactive_since: datetime | None = None

    @property
    def scope(self) -> dict[str, Any]:
        """The account and the person, for a query."""
        return {"account_id": self.account_id, "user_id": self.user_id}

    @property
    def scope_and_held(self) -> dict[str, Any]:
        """The scope and what of it is held, for a query with `is_held`."""
        return self.scope | self.held.columns()


@dataclass(frozen=True, slots=True)
class Step:
    """What an erasure came to at one participant: rows by kind, and codes of what it must keep."""

    counts: Mapping[str, int]
    retained: tuple[str, ...] = ()

    @classmethod
    def of(cls, counts: Mapping[str, int], *, retained: Iterable[str] = (), held: bool = False) -> Self:
        """`held` says whether something was kept because it is held or restricted."""
        return cls(counts, tuple(sorted((*retained, LEGAL_HOLD) if held else retained)))
