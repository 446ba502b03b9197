"""What is known here of the copies at Tripletex: ids and digests, no personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which customer at Tripletex is ours."""

    account_id: UUID
    customer_number: int
    tripletex_id: int | None
    content_hash: bytes | None
    state: str
    synced_at: datetime | None
    minimised_at: datetime | None
    bookkeeping_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLink:
    """Which contact at Tripletex is a user's: its id, or the digest of its address where no answer told the id."""

    tripletex_id: int | None
    expected: bytes | None
