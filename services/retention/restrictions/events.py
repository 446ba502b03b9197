"""What retention publishes of restrictions; their setting and lifting is in `shared/participation/events.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Code, Event
from shared.participation.events import AboutAccount


@dataclass(frozen=True, kw_only=True)
class RestrictionLiftAnnounced(AboutAccount, Event):
    """A restriction is to be lifted: the person is told first, by letter (RIGHTS-4, GDPR article 18(3)).

    `ground` and `requested_on` are those of `restriction.set`; None in events from before they were told.
    """

    type = "restriction.lift_announced"
    restriction_id: UUID
    user_id: UUID | None = None
    lift_from: date
    ground: Code | None = None
    requested_on: date | None = None
