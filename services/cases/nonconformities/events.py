"""What customers are told of their reports. It names them by their ids, for it is they who are to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import AboutCase
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class NonconformityAnswered(AboutCase):
    """A case of something not as agreed, or of a dispute, has ended: the customer is told how (NOTICE-3, L162).

    `user_id` is who reported it, null where that is not known: then the company is told. `outcome` is how it ended,
    `reason` what was found or done, both as the case has them. `reported_at` is when the report came in.
    """

    type: ClassVar[str] = "nonconformity.answered"

    decision_id: UUID
    account_id: UUID
    user_id: UUID | None
    outcome: Code
    reason: Code
    reported_at: datetime
