"""What became of a letter. Never to whom by name, never what stood in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event

SOURCE = "notification"


@dataclass(frozen=True, kw_only=True)
class LetterEvent(Event):
    """What the events about a letter share.

    `letter` is the letter's code in `services.notification.letters.kinds.LETTERS`. For the farewell letters
    (`account_erased`, `user_erased`) `letter_id` is the id of the whole mailing and `user_id` the person it
    was about, none for a company: they are published once, when every recipient's letter has left or was given
    up and the addresses are forgotten at Mailgun, so that retention may go on.
    """

    source: ClassVar[str | None] = SOURCE

    letter_id: UUID
    letter: Code
    account_id: UUID
    user_id: UUID | None = None

    @property
    def subject(self) -> str:
        """The letter."""
        return f"letter/{self.letter_id}"


@dataclass(frozen=True, kw_only=True)
class NotificationSent(LetterEvent):
    """Mailgun took the letter; whether it arrived is not known yet."""

    type: ClassVar[str] = "notification.sent"


@dataclass(frozen=True, kw_only=True)
class NotificationDelivered(LetterEvent):
    """The recipient's mail server took the letter, at `delivered_at`: it may be heard of hours later."""

    type: ClassVar[str] = "notification.delivered"

    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NotificationFailed(LetterEvent):
    """The letter did not reach its reader and will not be tried again.

    `reason` is a code: `bounced`, `rejected`, `expired`, `withdrawn`, `suppressed_bounce`,
    `suppressed_complaint`, `suppressed_at_mailgun`, `opted_out`, `not_agreed_to`, `restricted`, `recipient_gone`,
    `recipient_inactive`, `ticket_spent`, `address_refused`, `letter_refused`, `purpose_refused`,
    `outcome_unknown`, `no_recipient`, `given_up`, `no_date_told`.
    It may follow `notification.sent`, and, for a bounce that came late, even `notification.delivered`.
    """

    type: ClassVar[str] = "notification.failed"

    reason: Code


@dataclass(frozen=True, kw_only=True)
class NotificationUnreachable(LetterEvent):
    """A letter about a breach reached nobody at the customer, whoever of it was tried (BREACH-1).

    `letter_id` is the mailing, `reason` why the last try failed, as in `notification.failed`; `recipient_gone`
    where the customer was erased meanwhile. What asked for the letter is named as the cause.
    """

    type: ClassVar[str] = "notification.unreachable"

    reason: Code
