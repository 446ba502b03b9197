"""Objections to marketing: by which way they come, and what one says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Channel(StrEnum):
    """By which way a person objected: any counts (L27, L28)."""

    EMAIL = "by_email"
    PHONE = "by_phone"
    POST = "by_post"
    IN_PERSON = "in_person"
    ONESELF = "by_oneself"
    """In the product, with a session of one's own."""


OPTIONAL: Final = ("marketing", "product_news")
"""The classes of letters that one can decline (`can_be_declined`), by their codes."""
ENTERED: Final = tuple(each for each in Channel if each is not Channel.ONESELF)
"""Those by which somebody of the staff hears of it, and enters it."""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """A person wants no marketing, as it was received at `received_at`. `case_id` is of the case that follows."""

    case_id: UUID
    account_id: UUID
    user_id: UUID
    channel: Channel
    received_at: datetime
