"""Holds and restrictions as the rules see them, and the requests and replies about them.

No field takes free text: persons of staff are codes, a case is a number in a register that lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

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

GROUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a": "the person contests that the data are accurate",
        "b": "the processing is unlawful and the person does not want erasure",
        "c": "the person needs the data for a legal claim",
        "d": "the person has objected and waits for the decision",
    }
)
"""The four grounds of GDPR article 18(1)."""

RESTRICTION_BASIS: Final = "gdpr_18"

CHANNELS: Final = ("phone", "post", "in_person")
"""How a person was told where no letter reaches; a letter by e-mail tells by itself."""

CASE: Final = r"(sak|tvist|krav|palegg)-20[0-9]{2}-[0-9]{1,5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold from its placing to its release. Dates are Oslo dates.

    `as_of` is the instant of the last decision about it.  `overdue_told_on` is when its overdue review was told
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

    @property
    def held(self) -> Held:
        """What it covers."""
        return Held.over(self.user_ids, self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A restriction of article 18, of one person or of a whole account, from setting to lifting.

    `announcement_id` is the event that asked for the letter about the lifting; `told_at` is when the person was
    told, and `told_by` how.
    """

    id: UUID
    account_id: UUID
    user_id: UUID | None
    ground: str
    requested_on: date
    set_by: str
    set_at: datetime
    announced_at: datetime | None = None
    announcement_id: UUID | None = None
    told_at: datetime | None = None
    told_by: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    @property
    def held(self) -> Held:
        """What it covers."""
        return Held.over([self.user_id] if self.user_id else [], ())
