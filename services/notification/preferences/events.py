"""What users decline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class PreferencesChanged(Event):
    """A user declined a class of letters (L25); `declined` is its code. It holds from the instant of the event."""

    type: ClassVar[str] = "preferences.changed"
    source: ClassVar[str | None] = "notification"

    account_id: UUID
    user_id: UUID
    declined: Code

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"
