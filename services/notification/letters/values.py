"""What a letter is made of: its kind, and the facts that its event told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Literal
from uuid import UUID

from services.cases.notices.calls import NoticeSaid


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
    STAFF_ALERT = "staff_alert"
    """To the vendor's own people on duty: it goes to no customer and says nothing of one."""
    MARKETING = "marketing"
    """What one may decline. The terms do not name it: nothing leaves for it before the register does."""


class Lane(IntEnum):
    """Which letters go first when there are more than can be sent at once."""

    SECURITY = 0
    LEGAL_DEADLINE = 1
    OTHER = 2
    FAN_OUT = 3
    """What goes to very many at once: it takes what rate the others leave, so that no reset waits behind it."""
    CAMPAIGN = 4
    """What one may decline. Everything that is necessary leaves before it."""


class Audience(StrEnum):
    """Whom of a company a letter to it goes to."""

    LEADERS = "leaders"
    """Those who answer for the account, or everybody where nobody does."""
    MEMBERS = "members"
    """All the others."""
    EVERYBODY = "everybody"


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One kind of letter: what it is, how urgent, how long it is worth sending."""

    code: str
    letter_class: LetterClass
    purpose: Purpose
    lane: Lane
    max_age_hours: int
    audience: Audience = Audience.LEADERS
    """Who of a company gets it."""
    causes: tuple[str | None, ...] = ()
    """The codes that bring it about, where its words depend on them."""
    asked_for: bool = False
    """Whoever reads at the address has just asked for it."""
    to_unconfirmed: bool = False
    """It also goes to an address of which nobody knows whose it is: somebody asks there for the first time, or for
    an answer."""
    when_inactive: bool = False
    """It also goes out once company or user are inactive. Those are the letters about inactivity and erasure, and
    two more: `address_changed`, for whoever took an account over could keep it from its holder by making it
    inactive; and the end of a restriction, of which the person is told before (GDPR article 18(3))."""
    without_company: bool = False
    """It also goes to persons who are held or restricted after their company is erased, and does not name it."""
    link: str | None = None
    """The page of the gateway it leads to; None where it leads nowhere."""
    with_token: bool = False
    """The link carries the token of the ticket."""
    renewable: bool = False
    """It holds a code, so it may be sent twice: the newest one counts."""
    takes_replies: bool = False
    """It may go with a thread of support (`case_id`), to which its reader replies by mail; account knows."""
    tells_erasure: bool = False
    """Retention is asked for the date at the moment of sending, because the event does not know it."""
    tells_held: bool = False
    """Retention is asked at the moment of sending whether what it says is erased is held: no date holds then."""
    breaks_a_date: bool = False
    """Of those, what is sent only where a date was told before."""
    farewell: bool = False
    """It is the last one before an erasure."""
    tells_breach: bool = False
    """It is a notice of a case, as of a breach: cases is asked what it says at the moment of sending. Where it
    reaches nobody it goes to another contact of the customer, and where none is left a person tells it."""
    of_campaign: bool = False
    """Its words are those of a campaign, and so is what is said of its class."""
    to_each: bool = False
    """Such a notice is to one person, whom the case names, and to nobody else at the customer."""


@dataclass(frozen=True, kw_only=True)
class CampaignWords:
    """What staff wrote in one language: a line, and paragraphs with blank lines between them. It names nobody."""

    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the letter's event told and the letter repeats: ids, codes and dates, nothing personal.

    Each is a column of the letter's row but `about_user`, `notice`, which is what cases says of a breach, the
    words of a campaign by language (`campaign`), and what retention says is held: all of it or some (`held`), and
    on which legal bases (`held_because`).
    `correlation_id` goes on to the events about the letter. `cause` is the code of what brought it about: the
    trigger of an erasure, the ground of a restriction, the reason of a hold.
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
    notice_id: UUID | None = None
    case_id: UUID | None = None
    campaign_id: UUID | None = None
    about_user: bool = False
    notice: NoticeSaid | None = None
    campaign: Mapping[str, CampaignWords] | None = None
    held: Literal["all", "some"] | None = None
    held_because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AlertFacts:
    """What a letter to somebody on duty says of a case: codes, its reference, and the way to it."""

    reference: str
    kind: str
    cause: str
    level: str
    due_at: datetime | None
    others: int
    link: str
