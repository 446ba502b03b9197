"""What a letter is made of: its kind, and the facts that its event told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID


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

    Each but `about_user` is a column of the letter's row. `correlation_id` goes on to the events about the letter.
    `cause` is the code of what brought it about: the trigger of an erasure, the ground of a restriction, the reason
    of a hold.
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
