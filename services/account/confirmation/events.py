"""An address is to be confirmed, or was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class UserConfirmationRequested(AboutUser, Event):
    """A user shall get the letter `email_confirmation` at the address that is to be confirmed.

    At sign-up, on request, and when a user changes address (then `letter_facts` answers with the new one).
    """

    type: ClassVar[str] = "user.confirmation_requested"

    ticket_id: UUID


@dataclass(frozen=True, kw_only=True)
class UserEmailConfirmed(AboutUser, Event):
    """The user followed the link of the letter: the address is read by the one who claimed it."""

    type: ClassVar[str] = "user.email_confirmed"
