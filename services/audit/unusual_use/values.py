"""What users do, as detectors of use see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

USE_DETECTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mass_deactivation": "one user made very many others inactive within an hour",
        "mass_change": "one user changed very much within an hour",
        "mass_collection": "one user had very much about others shown or handed out within a day",
    }
)
"""What is seen of what users do once they are in. Codes are never given to something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAct:
    """Something that a user did, by the type of its event; `subject` is whom or what it was done to."""

    user_id: UUID
    account_id: UUID
    type: str
    subject: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseThresholds:
    """From how much on a detector of use speaks; a change of any is a new version.

    `company_copy` is for how many a copy of a whole company counts among `collections`.
    """

    version: int
    deactivated_users: int
    changes: int
    change_window: timedelta
    collections: int
    collection_window: timedelta
    company_copy: int
