"""What billing-sync publishes: how the copy at Tripletex stands. Ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event

SOURCE = "billing-sync"


@dataclass(frozen=True, kw_only=True)
class CustomerSynced(Event):
    """The customer and its contacts at Tripletex are what the account says (L90, L92, L132)."""

    type: ClassVar[str] = "billing.customer_synced"
    source: ClassVar[str | None] = SOURCE

    account_id: UUID
    created: bool
    contacts: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class SyncFailed(Event):
    """The copy at Tripletex could not be brought up to date; a person must look. `reason` is a machine code."""

    type: ClassVar[str] = "billing.sync_failed"
    source: ClassVar[str | None] = SOURCE

    account_id: UUID
    reason: Code

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class CustomerMinimised(Event):
    """At erasure contacts are removed at Tripletex and personal fields blanked; bookkeeping stays (L132)."""

    type: ClassVar[str] = "billing.minimised"
    source: ClassVar[str | None] = SOURCE

    account_id: UUID
    user_id: UUID | None = None

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"
