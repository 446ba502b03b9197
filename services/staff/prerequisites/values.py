"""What somebody needs before they may be granted anything: a signed undertaking, and training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from shared.wait_bounds import is_leased, noted_by

LONGEST: Final = timedelta(days=3 * 366)
"""What says that it lasts longer than this was written by a clock that was wrong, and counts as over."""


class PrerequisiteKind(StrEnum):
    """The undertaking of confidentiality, which a person signs, and training, which another person records."""

    UNDERTAKING = "undertaking"
    TRAINING = "training"


class Ending(StrEnum):
    """Why a prerequisite counts no more."""

    EXPIRED = "expired"
    MISTAKEN = "mistaken"
    """It was recorded by mistake."""
    OUTDATED = "outdated"
    """The text or the course was replaced by one that everybody has to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfPrerequisite:
    """How one kind is recorded: for how long it counts, and whether by the person alone or by another."""

    lasts: str
    """The parameter with the calendar months for which it counts."""
    by_the_person: bool


KINDS: Final = MappingProxyType(
    {
        PrerequisiteKind.UNDERTAKING: KindOfPrerequisite(lasts="staff.undertaking", by_the_person=True),
        PrerequisiteKind.TRAINING: KindOfPrerequisite(lasts="staff.training", by_the_person=False),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """One that somebody has or had. `what` is the digest of the text that was signed, or the code of the course."""

    id: UUID
    person_id: UUID
    kind: PrerequisiteKind
    what: str
    began_at: datetime
    expires_at: datetime
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None
    ended_because: Ending | None = None

    def is_live_at(self, now: datetime) -> bool:
        """Whether it counts now. What a wrong clock wrote, about begin or end, does not."""
        begun = noted_by(self.began_at, now)
        return self.ended_at is None and begun and is_leased(self.expires_at, now, LONGEST)
