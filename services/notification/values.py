"""The plain values that notification's rules work on: letters, their readers, and what Mailgun tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

LIST_LIMIT: Final = 200
"""So many rows one reply holds."""


class LetterClass(StrEnum):
    """How free the recipient is to decline a letter; fixed with the letter, never chosen while sending."""

    SERVICE = "service"
    LEGAL = "legal"
    MARKETING = "marketing"
    PRODUCT_NEWS = "product_news"


class Purpose(StrEnum):
    """What Mailgun is used for: the three things the terms name (L98, L194), and what the law has us tell.

    `LEGAL_NOTICE` goes beyond the text of 2020: dates of erasure, termination, the end of a restriction, a hold.
    """

    ACCOUNT_REGISTRATION = "account_registration"
    PASSWORD_CHANGE = "password_change"  # noqa: S105  # a purpose, not a password
    SUPPORT = "support"
    LEGAL_NOTICE = "legal_notice"


class Lane(IntEnum):
    """Which letters go first when there are more than can be sent at once."""

    SECURITY = 0
    LEGAL_DEADLINE = 1
    OTHER = 2


class State(StrEnum):
    """Where a letter is. The first six are ours to decide, the last five are told by Mailgun."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Signal(StrEnum):
    """What an event of Mailgun means for a letter; everything else it sends is of no use to us."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionKind(StrEnum):
    """Why an address gets no letters."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


class Readers(StrEnum):
    """Whom of a company a letter to it goes to."""

    LEADERS = "leaders"
    """Those who answer for the account, or everybody where nobody does."""
    MEMBERS = "members"
    """All the others."""
    EVERYBODY = "everybody"


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of letter: what it is, how urgent, how long it is worth sending.

    `link` is the page of the gateway it leads to, None where it leads nowhere; `with_token`
    says that the link carries the token of the ticket. A `renewable` letter holds a code, so it may be sent twice:
    the newest one counts. `farewell` letters are the last before an erasure. `to_unconfirmed` ones also go to an
    address of which nobody knows whose it is: somebody asks there for the first time, or for an answer. What
    `tells_erasure` asks retention for the date at the moment of sending, because its event does not know it. Of
    those, what `breaks_a_date` is sent only where a date was told before. `readers` says who of a company gets it.
    `asked_for` is a letter that whoever reads at the address has just asked for.
    """

    code: str
    letter_class: LetterClass
    purpose: Purpose
    lane: Lane
    max_age_hours: int
    link: str | None = None
    with_token: bool = False
    renewable: bool = False
    farewell: bool = False
    to_unconfirmed: bool = False
    tells_erasure: bool = False
    breaks_a_date: bool = False
    asked_for: bool = False
    readers: Readers = Readers.LEADERS


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the letter's event told and the letter repeats: ids, codes and dates, nothing personal.

    `correlation_id` names the story the letter belongs to, for the events about it. `cause` is the code of what
    brought it about: the trigger of an erasure, the ground of a restriction, the reason of a hold.
    """

    correlation_id: UUID | None = None
    ticket_id: UUID | None = None
    clock_id: UUID | None = None
    erasure_id: UUID | None = None
    certificate_id: UUID | None = None
    due_on: date | None = None
    backups_expire_on: date | None = None
    noticed_on: date | None = None
    notice_ends_on: date | None = None
    happened_at: datetime | None = None
    started_on: date | None = None
    review_on: date | None = None
    cause: str | None = None
    about_user: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter to one person, as claimed for work."""

    id: UUID
    event_id: UUID
    mailing_id: UUID | None
    account_id: UUID
    user_id: UUID
    letter: str
    renewal: int
    state: State
    attempts: int
    checks: int
    requested_at: datetime
    expires_at: datetime
    begun_at: datetime | None
    sent_at: datetime | None
    facts: Facts
    claim_id: UUID | None = None
    address_index: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """A letter to those of a company who shall have it, before it is known who they are."""

    id: UUID
    event_id: UUID
    letter: str
    account_id: UUID
    user_id: UUID | None
    attempts: int
    requested_at: datetime
    expires_at: datetime
    facts: Facts
    claim_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One user of a company, the role there, and whether anybody ever confirmed the address."""

    user_id: UUID
    role: str
    confirmed: bool = True


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a letter must know of its reader, as account tells it at the moment of sending. Never stored.

    `closed_by` is who made the company or, in an active one, the user inactive. A company that is blocked was
    closed by staff to protect it; for one that is bankrupt only the trustee decides. `link_ends_at` is until when
    the token works; for a replaced address, until when we know it. `registered_at` and `terms_version` are told of
    a sign-up that is to be confirmed.
    """

    email: str = field(repr=False)
    name: str = field(repr=False)
    company_name: str = field(repr=False)
    language: str
    link_token: str | None = field(default=None, repr=False)
    confirmed: bool = True
    link_kind: str | None = None
    link_ends_at: datetime | None = None
    closed_by: str | None = None
    company_is_inactive: bool = False
    company_is_blocked: bool = False
    company_is_bankrupt: bool = False
    registered_at: datetime | None = None
    terms_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address gets no letters: until when, None for ever; `tried_at` is when one went there all the same."""

    kind: SuppressionKind
    ends_at: datetime | None
    tried_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A planned or finished erasure of a company, or of one of its users, as retention tells it."""

    user_id: UUID | None
    state: str
    due_on: date
    suspended: bool


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
