"""What is published when the copy at Tripletex is up to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomerSynced(Event):
    """The customer and its contacts at Tripletex are what the account says (L90, L92, L132)."""

    type: ClassVar[str] = "billing.customer_synced"
    source: ClassVar[str | None] = "billing-sync"

    account_id: UUID
    created: bool
    contacts: int

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"
