"""What a person decided about an address that gets no letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class SuppressionLifted(Event):
    """Staff know that an address works again after a bounce: letters go to it once more."""

    type: ClassVar[str] = "suppression.lifted"
    source: ClassVar[str | None] = "notification"

    suppression_id: UUID
    account_id: UUID
    user_id: UUID

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"
