"""Pure decisions about letters of which it is not known, or not known any more, what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.notification.letter_lifecycle.rules import UNKNOWN_CHECKS
from services.notification.letter_lifecycle.values import GiveUp, Letter, Resend, State, Wait
from services.notification.mailgun.rules import LOG_DELAY

RECONCILE_EVERY: Final = timedelta(hours=12)
RECONCILE_CHECKS: Final = 5
"""Events are kept three days at least; asking for longer would find nothing new."""


def on_not_found(letter: Letter, begun_at: datetime, now: datetime) -> Wait | Resend | GiveUp:
    """What to do when Mailgun's logs were read and do not know the letter. Blind re-sending is never it.

    Of a letter that was not begun here, and may have left before a restore, nobody knows when that was: half an
    hour after the first answer it is asked for once more.
    """
    if letter.begun_at is None and letter.checks == 0:
        return Wait(now + LOG_DELAY)
    if now < begun_at + LOG_DELAY:
        step = UNKNOWN_CHECKS[min(letter.checks + 1, len(UNKNOWN_CHECKS) - 1)]
        return Wait(min(now + step, begun_at + LOG_DELAY))
    return GiveUp("expired") if now >= letter.expires_at else Resend()


def on_lost_lease(letter: Letter) -> State:
    """What a letter is whose worker has not come back: untouched unless the call had been begun."""
    return State.PENDING if letter.begun_at is None else State.UNKNOWN


def next_reconciliation(now: datetime, checks: int) -> datetime | None:
    """When to ask again for a letter of which nothing more was heard; None when it is no use any more."""
    return now + RECONCILE_EVERY if checks < RECONCILE_CHECKS else None
