"""What is told of calls to whoever is on duty: codes and ids. Neither a customer nor an address is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import AboutCase
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class DutyAlerted(AboutCase):
    """Somebody of the staff is called to a case, by every way there is, since nobody waits at the desk for it.

    `alert_id` is this message's. `cause` says why, `rule` and `due_at` which clock and until when, where one is
    about to be over or is; `others` counts the cases that wait for the same person besides. `level` is `on_duty`,
    `next` or `leads`.
    """

    type: ClassVar[str] = "case.duty_alerted"

    alert_id: UUID
    staff_code: Code
    kind: Code
    cause: Code
    level: Code
    rule: Code | None
    due_at: datetime | None
    others: int
