"""What becomes of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Digest, Event


@dataclass(frozen=True, kw_only=True)
class CampaignChanged(Event):
    """A campaign was drafted, started by two persons, stopped, or has become its last letter: `state` says which.

    `wording` is the digest of its letter then, `chosen` to how many people it has gone by then or is on its way.
    """

    type: ClassVar[str] = "campaign.changed"
    source: ClassVar[str | None] = "notification"

    campaign_id: UUID
    state: Code
    letter_class: Code
    wording: Digest
    chosen: int

    @property
    def subject(self) -> str:
        """The campaign."""
        return f"campaign/{self.campaign_id}"
