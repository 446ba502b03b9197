"""What retention publishes while the three months run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class ErasureReminderDue(AboutAccount, Event):
    """A reminder of the coming erasure is due: at inactivation, 30 and 7 days before."""

    type = "erasure.reminder_due"
    clock_id: UUID
    user_id: UUID | None = None
    due_on: date
    days_left: int
