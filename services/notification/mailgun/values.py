"""What Mailgun is given and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID


class Signal(StrEnum):
    """What an event of Mailgun means for a letter; everything else it sends is of no use to us."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What Mailgun signs: an instant (epoch seconds as text) and a token; the body is not covered."""

    timestamp: str
    token: str
    signature: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class VendorEvent:
    """One event of Mailgun, from a webhook or the logs, reduced to what we use. The address is not kept.

    `unread` names what was there and could not be understood, with values where these can name nobody.
    """

    name: str
    at: datetime
    id: str | None = None
    severity: str | None = None
    reason: str | None = None
    code: int | None = None
    enhanced_code: str | None = None
    message_id: str | None = None
    letter_id: UUID | None = None
    recipient: str | None = field(default=None, repr=False)
    unread: str | None = None

    @property
    def identity(self) -> str:
        """A digest that is the same for the same event told twice, whatever token it comes with."""
        text = f"{self.id or ''}|{self.message_id or ''}|{self.name}|{self.severity or ''}|{self.at.isoformat()}"
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A webhook's two halves."""

    signature: Signature
    event: VendorEvent
