"""A customer has reported something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class NonconformityReported(AboutAccount, Event):
    """A customer reported something not as agreed (L178), or that we disagree (L162); the text stays with account.

    `report_id` is the id of the case that is opened for it, so that whoever reported can name it at once. `about`
    is what the report is about, as whoever reported sees it.
    """

    type: ClassVar[str] = "nonconformity.reported"

    report_id: UUID
    user_id: UUID
    about: Code
