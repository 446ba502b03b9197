"""Something was written to support, or answered; what it says stays with account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class SupportWritten(AboutUser, Event):
    """A person of a customer has written to support, logged in or as a reply to its letter (L19).

    `way` is `page` or `mail`.
    """

    type: ClassVar[str] = "support.written"

    thread_id: UUID
    way: Code


@dataclass(frozen=True, kw_only=True)
class CorrespondenceBegun(AboutUser, Event):
    """Somebody who is logged in has begun to write about something that is a case (L41, L43).

    `thread_id` is the id of the case, so that whoever wrote can name it at once; the text stays with account.
    `kind` is the kind of case, `about` what it is about as whoever wrote sees it.
    """

    type: ClassVar[str] = "correspondence.begun"

    thread_id: UUID
    kind: Code
    about: Code


@dataclass(frozen=True, kw_only=True)
class SupportAnswered(AboutUser, Event):
    """Support has answered a person of a customer, who is told by a letter that there is an answer."""

    type: ClassVar[str] = "support.answered"

    thread_id: UUID


@dataclass(frozen=True, kw_only=True)
class SupportMailDeclined(AboutUser, Event):
    """A reply by mail was not taken in, or not all of it; a letter tells the person why (`DECLINED_BECAUSE`)."""

    type: ClassVar[str] = "support.mail_declined"

    thread_id: UUID
    reason: Code


@dataclass(frozen=True, kw_only=True)
class SupportSettled(AboutUser, Event):
    """A thread needs no written answer, as a person of the staff has said with a reason."""

    type: ClassVar[str] = "support.settled"

    thread_id: UUID
    reason: Code
