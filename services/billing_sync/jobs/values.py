"""The work that is to be done at Tripletex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

JobKind = Literal["sync", "minimise"]


@dataclass(slots=True, kw_only=True)
class Job:
    """A claimed piece of work; it is ours until `lease_until`, which moves on while we are at it."""

    id: UUID
    account_id: UUID
    user_id: UUID | None
    kind: JobKind
    erasure_id: UUID | None
    attempts: int
    lease_until: datetime
    held_users: Sequence[UUID] = ()
    """Persons whose contact an erasure leaves alone."""
