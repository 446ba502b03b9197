"""A campaign: one letter that one may decline, to all who have agreed to its class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.notification.letters.values import CampaignWords, LetterClass

SUBJECT_LIMIT: Final = 120
TEXT_LIMIT: Final = 8000
CLASSES: Final = ("marketing", "product_news")
LANGUAGES: Final = ("nb", "en")
LETTER_OF: Final[Mapping[LetterClass, str]] = MappingProxyType(
    {LetterClass.MARKETING: "campaign_marketing", LetterClass.PRODUCT_NEWS: "campaign_news"}
)
"""The kind of letter that a campaign of a class sends."""


class CampaignState(StrEnum):
    """Where a campaign is."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign with its words by language; `language` is whom it goes to by theirs, everybody where it is None.

    `chosen` is how many letters it became so far, in the order of users' ids up to `chosen_to`.
    """

    id: UUID
    letter_class: LetterClass
    language: str | None
    words: Mapping[str, CampaignWords] = field(repr=False)
    state: CampaignState
    drafted_by: str
    drafted_at: datetime
    requested_by: str | None = None
    approved_by: str | None = None
    started_at: datetime | None = None
    chosen: int = 0
    chosen_to: UUID | None = None
    all_chosen_at: datetime | None = None
    ended_at: datetime | None = None
