"""Whom letters go to, and what account and retention tell of them at the moment of sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


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
    reply_name: str | None = field(default=None, repr=False)
    """What stands in front of the `@` of the address to which the reader replies, where replies are taken."""


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A planned or finished erasure of a company, or of one of its users, as retention tells it.

    `suspended` says that nothing may be erased now, `bases` on which legal bases something is held, and `review_on`
    when that is looked at next.
    """

    id: UUID
    user_id: UUID | None
    state: str
    due_on: date
    suspended: bool
    bases: tuple[str, ...] = ()
    review_on: date | None = None
