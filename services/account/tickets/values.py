"""Tickets, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
    """A single-use ticket: its token is minted when the letter is written, and used at most once."""

    kind: str
    created_at: datetime
    minted_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket and whose it is."""

    id: UUID
    user_id: UUID
    account_id: UUID
    state: TicketState
