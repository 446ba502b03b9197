"""What is decided about tickets: how many there may be, and what their links are worth. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.account.accounts.rules import ABANDONED, way_back
from services.account.accounts.values import AccountState, UserState
from services.account.tickets.link_endings import LIFE, Link
from services.account.tickets.values import TicketState
from shared.calendar import oslo_date
from shared.errors import TooMany
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.terms.parameters import in_force
from shared.wait_bounds import AHEAD, noted_by

MINT_WITHIN: Final = timedelta(days=3)
"""A letter that could not be sent for so long is of no use to anybody any more."""
TICKETS_KEPT: Final = timedelta(days=14)
LETTERS_AT_ONCE: Final = 3
LETTERS_REFILL: Final = timedelta(minutes=10)
LETTERS_STEADY: Final = timedelta(hours=1)
WISH_WAITS: Final = LETTERS_STEADY + AHEAD
WAITS: Final = MappingProxyType({"letter_request.due_at": WISH_WAITS})
"""How long a wish for a letter waits at the longest."""
LETTERS_DAY: Final = timedelta(hours=24)
LETTERS_TO_STRANGERS: Final = ("invitation", "address_change")
"""Tickets whose letters go to an address that somebody of the account entered for somebody else."""
LETTER_OF_TICKET: Final = {
    "password_reset": "password_reset",
    "confirmation": "email_confirmation",
    "address_change": "email_confirmation",
    "invitation": "invitation",
    "reactivation": "return_by_link",
}
"""The one letter that may carry the token of a ticket."""


def ticket_is_mintable(ticket: TicketState, letter: str, now: datetime) -> bool:
    """Whether a token may be made for this letter now."""
    fits = LETTER_OF_TICKET.get(ticket.kind) == letter
    return fits and ticket.used_at is None and now < ticket.created_at + MINT_WITHIN


@enforces(protection.ONLY_YOUR_OWN)
def ticket_is_usable(ticket: TicketState, kinds: Iterable[str], now: datetime) -> bool:
    """Whether the token may be used: of one of these kinds, once, within its life from minting."""
    if ticket.kind not in kinds or ticket.minted_at is None or ticket.used_at is not None:
        return False
    return now < ticket.minted_at + LIFE[ticket.kind]


def link_standing(ticket: TicketState, account: AccountState, user: UserState, now: datetime) -> str:
    """How a letter's link stands: `works`, `blocked`, `inactive` where company or user ended it so, or `over`.

    While staff keep an account closed no link of it does anything, old or new, and its reader is told whom to ask.
    A sign-up that nobody proved is nobody's account, and its links have nothing to come back to. A link that leads
    back from being inactive is told of that by its letter.
    """
    if account.blocked:
        return "blocked"
    if ticket_is_usable(ticket, (ticket.kind,), now):
        return "works"
    leads_back = ticket.kind == Link.REACTIVATION
    gone = leads_back or way_back(account, user) is None or account.inactivated_by == ABANDONED
    return "over" if gone else "inactive"


@enforces(protection.NOT_PASSED_ON)
def letters_closed_until(earlier: Iterable[datetime], now: datetime) -> datetime | None:
    """Until when no further letter of the same kind goes to this address; None where one may go now.

    A bucket of three letters that gets one back every ten minutes; once `letters.address_daily` have gone in 24
    hours, one an hour. So it says how often, never whether: whoever asks waits an hour at the longest, whatever
    others ask in the same name, and nobody's mailbox is filled. `earlier` are the letters of the last 24 hours;
    what a wrong clock dated ahead counts for nothing.
    """
    of_today = sorted(at for at in earlier if at > now - LETTERS_DAY and noted_by(at, now))
    if not of_today:
        return None
    paid_back = of_today[0]
    for at in of_today:
        paid_back = max(paid_back, at) + LETTERS_REFILL
    opens_at = paid_back - (LETTERS_AT_ONCE - 1) * LETTERS_REFILL
    if len(of_today) >= in_force("letters.address_daily", oslo_date(now)).default:
        opens_at = of_today[-1] + LETTERS_STEADY
    return opens_at if opens_at > now else None


def invitations_a_day(now: datetime) -> int:
    """How many letters in 24 hours an account may have sent to addresses that its people chose."""
    return in_force("letters.account_invitations_daily", oslo_date(now)).default


def check_invitations(oldest_counted: datetime | None, now: datetime) -> None:
    """Raises `TooMany` where the account has had all letters to strangers that it may have in 24 hours.

    `oldest_counted` is when the last but `invitations_a_day` of them was asked for, None where there are fewer.
    """
    if oldest_counted is None or now >= oldest_counted + LETTERS_DAY:
        return
    limit, wait = invitations_a_day(now), oldest_counted + LETTERS_DAY - now
    raise TooMany(
        f"an account may invite {limit} people in 24 hours",
        details={"retry_after_seconds": math.ceil(wait.total_seconds()), "limit": limit},
    )
