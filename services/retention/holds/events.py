"""What retention publishes of holds; that one was placed or released is in `shared/participation/events.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class HoldRenewed(AboutAccount, Event):
    """A hold was reviewed, is still needed, and stands until the new review date (HOLD-2).

    `case_id` is the dispute that it is for, where that is a case.
    """

    type = "hold.renewed"
    hold_id: UUID
    reason: Code
    review_on: date
    case_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class HoldReviewOverdue(AboutAccount, Event):
    """The review date of a hold has passed without a decision: told weekly, and nothing else happens (HOLD-2)."""

    type = "hold.review_overdue"
    hold_id: UUID
    review_on: date
    times: int
