"""A restriction of GDPR article 18 as the rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from shared.hold_scope import Held

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
