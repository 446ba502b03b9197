"""What is published when an erasure was carried out at Tripletex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomerMinimised(Event):
    """At erasure contacts are removed at Tripletex and personal fields blanked; bookkeeping stays (L132)."""

    type: ClassVar[str] = "billing.minimised"
    source: ClassVar[str | None] = "billing-sync"

    account_id: UUID
    user_id: UUID | None = None

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"
