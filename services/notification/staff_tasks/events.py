"""What a person did because no letter could."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class TaskSettled(Event):
    """Staff have told what no mail brought, or made a copy; `kind` says which and `outcome` how it ended."""

    type: ClassVar[str] = "task.settled"
    source: ClassVar[str | None] = "notification"

    task_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    kind: Code
    outcome: Code

    @property
    def subject(self) -> str:
        """The company."""
        return f"account/{self.account_id}"
