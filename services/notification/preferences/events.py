"""What users decline, and what they agree to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Digest, Event


@dataclass(frozen=True, kw_only=True)
class PreferencesChanged(Event):
    """A user declined a class of letters (L25); `declined` is its code.

    It holds since `since`, when it was received; from the instant of the event where that is null.
    """

    type: ClassVar[str] = "preferences.changed"
    source: ClassVar[str | None] = "notification"

    account_id: UUID
    user_id: UUID
    declined: Code
    since: datetime | None = None

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Event):
    """A user agreed to letters of a class, by the sentence with this digest. Declining it ends the consent."""

    type: ClassVar[str] = "consent.given"
    source: ClassVar[str | None] = "notification"

    account_id: UUID
    user_id: UUID
    letter_class: Code
    wording: Digest

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"


@dataclass(frozen=True, kw_only=True)
class MarketingObjected(Event):
    """A person objected to marketing (GDPR article 21(2)): nothing optional is sent to them since `received_at`.

    `case_id` is the id of the case that follows, `channel` by which way it came.
    """

    type: ClassVar[str] = "marketing.objected"
    source: ClassVar[str | None] = "notification"

    case_id: UUID
    account_id: UUID
    user_id: UUID
    channel: Code
    received_at: datetime

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"
