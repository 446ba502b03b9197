"""A hold as the rules see it. No field takes free text: persons of staff are codes, a case is a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from shared.case_references import REFERENCE
from shared.hold_scope import Held

USERS_LIMIT: Final = 32
"""As many persons as one line of the ledger takes; more than that is a hold on the whole account."""

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dispute": "gdpr_17_3_e",
        "legal_claim": "gdpr_17_3_e",
        "authority_order": "gdpr_17_3_b",
        "statutory_duty": "gdpr_17_3_b",
    }
)
"""Why something may be held, each with its legal basis."""

RELEASE_REASONS: Final = ("settled", "time_barred", "order_withdrawn", "no_longer_needed", "placed_in_error")
"""Why a hold ends."""

NUMBERED: Final = r"(sak|tvist|krav|palegg)-20[0-9]{2}-[0-9]{1,5}"
CASE: Final = rf"{NUMBERED}|{REFERENCE.pattern}"
"""A number that is kept elsewhere, or what people call a dispute that is a case here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold from its placing to its release. Dates are Oslo dates.

    `as_of` is the instant of the last decision about it, `case_id` the dispute that it is for, where that is a case
    here: it ends with it at the latest. `overdue_told_on` is when its overdue review was told
    last, for the `overdue_told`th time.
    """

    id: UUID
    account_id: UUID
    user_ids: tuple[UUID, ...]
    categories: tuple[str, ...]
    reason: str
    case_ref: str
    owner: str
    requested_by: str
    approved_by: str
    starts_on: date
    review_on: date
    placed_at: datetime
    as_of: datetime
    overdue_told_on: date | None = None
    overdue_told: int = 0
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str | None = None
    case_id: UUID | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """The hold that stands in a row of the table `hold`."""
        return cls(**{**row, "user_ids": tuple(row["user_ids"]), "categories": tuple(row["categories"])})

    @property
    def held(self) -> Held:
        """What it covers."""
        return Held.over(self.user_ids, self.categories)
