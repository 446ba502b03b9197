"""A letter is to be written because somebody asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(AboutUser, Event):
    """Somebody tried to sign up with the address of a user we know; no second account was made.

    The one who tried got the same answer as anybody. The letter `sign_up_repeated` tells the user of it.
    """

    type: ClassVar[str] = "sign_up.repeated"


@dataclass(frozen=True, kw_only=True)
class UserReturnRequested(AboutUser, Event):
    """Somebody wanted a new password, or signed up, with the address of a user who is inactive or kept out.

    The one who asked got the same answer as anybody, and no account was made. A letter tells the user when the data
    are erased and how to come back: `way` is `by_link` (an owner; the link's token comes from RPC `letter_facts`
    with this `ticket_id`), `by_company` (others ask an owner) or `by_staff` (what staff made inactive or closed,
    and users of a bankrupt company, whose owners decide nothing any more).
    """

    type: ClassVar[str] = "user.return_requested"

    way: Code
    ticket_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class UserPasswordResetRequested(AboutUser, Event):
    """A user shall get the letter `password_reset`; its link works once and for one hour."""

    type: ClassVar[str] = "user.password_reset_requested"

    ticket_id: UUID
