"""Who was called to a case, and whether they came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.board.calls import SEES
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Act


class AlertedPerson(Record):
    """Somebody who was called: when the message left, and how far it came. `reason` is a code of why it did not."""

    person: str
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    reason: str | None


class AlertShown(Record):
    """What somebody was called for. `closed_at` is when somebody came, or the case ended.

    `next_at` is when somebody else is called where nobody comes; null once everybody was.
    """

    cause: str
    rule: str | None
    due_at: datetime | None
    raised_at: datetime
    next_at: datetime | None
    closed_at: datetime | None
    answered_by: str | None
    persons: tuple[AlertedPerson, ...]


class AlertsShown(Record):
    """The newest first."""

    alerts: tuple[AlertShown, ...]


class ShowAlerts(Call[AlertsShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """Who was called to a case when, for what, and who came."""

    case_id: UUID
