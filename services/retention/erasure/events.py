"""What retention publishes of every erasure that it plans, and calls off again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class ErasureScheduled(AboutAccount, Event):
    """An account or a user was made inactive: the three months of ERASE-1 (L59) or ERASE-2 (L204) run.

    `started_on` and `due_on` are Oslo dates. A `user_id` narrows the scope to one person of the account.
    """

    type = "erasure.scheduled"
    clock_id: UUID
    user_id: UUID | None = None
    trigger: Code
    started_on: date
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ErasureCancelled(AboutAccount, Event):
    """The account or user came back, or a wider erasure took over, before the due date; nothing is erased."""

    type = "erasure.cancelled"
    clock_id: UUID
    user_id: UUID | None = None
    reason: Code
