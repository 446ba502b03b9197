"""A copy that is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A copy that its person has handed over to somebody; `receiver` is sealed, and known where it is shown."""

    id: UUID
    export_id: UUID
    account_id: UUID
    user_id: UUID
    sha256: str
    made_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    fetches: int = 0
    fetched_at: datetime | None = None
    received_at: datetime | None = None
    receipt: str | None = None
