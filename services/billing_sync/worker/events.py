"""What is published when work towards Tripletex is left to a person, and when one has it tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class SyncFailed(Event):
    """The copy at Tripletex could not be brought up to date; a person must look. `reason` is a machine code."""

    type: ClassVar[str] = "billing.sync_failed"
    source: ClassVar[str | None] = "billing-sync"

    account_id: UUID
    reason: Code

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class JobRetried(Event):
    """Staff have a piece of work tried again that had been given up; `kind` says which work it is."""

    type: ClassVar[str] = "billing.job_retried"
    source: ClassVar[str | None] = "billing-sync"

    job_id: UUID
    account_id: UUID
    kind: Code

    @property
    def subject(self) -> str:
        """The account."""
        return f"account/{self.account_id}"
