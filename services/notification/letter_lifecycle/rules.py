"""Pure decisions about the life of a letter: its place in the line, its states, what a silence means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.notification.letter_lifecycle.events import (
    LetterEvent,
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
)
from services.notification.letter_lifecycle.values import GiveUp, Letter, Renew, State, Wait
from services.notification.letters.values import LetterClass, LetterKind
from services.notification.mailgun.values import Signal
from shared.terms import enforces
from shared.terms.clauses import erasure, messages
from shared.wait_bounds import AHEAD

LEASE: Final = timedelta(seconds=120)
"""Longer than a call of account, a call of Mailgun and two transactions can take together."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "mailing.due_at": timedelta(hours=2),
        "mailing.lease_until": 5 * LEASE,
        "letter.due_at": timedelta(hours=2),
        "letter.fair_at": timedelta(hours=2),
        "letter.lease_until": 5 * LEASE,
        "letter.reconcile_at": timedelta(hours=24),
        "address_cleanup.due_at": timedelta(hours=2),
        "provider_budget.paused_until": timedelta(hours=2),
        "provider_budget.refilled_at": AHEAD,
    }
)
"""How far ahead the instants that letters wait for may lie. What lies further ahead has come."""
DUE: Final = WAITS["letter.due_at"]
LEASED: Final = WAITS["letter.lease_until"]

NO_FAILURE: Final = frozenset(
    {"withdrawn", "no_date_told", "recipient_gone", "recipient_inactive", "address_unconfirmed", "ticket_spent"}
)
"""Reasons for which a letter is given up because there is nothing, or nobody, left to tell."""

FAIR_STEP: Final = timedelta(milliseconds=250)
"""How far each further letter of one customer moves back in the line, so that a flood holds up its own sender."""

RETRY_BASE_SECONDS: Final = 15.0
RETRY_CAP_SECONDS: Final = 900.0
RETRY_LEAST_SECONDS: Final = 1.0

UNKNOWN_CHECKS: Final = tuple(timedelta(minutes=m) for m in (1, 2, 4, 8, 15))
RENEWALS: Final = 3
RECONCILE_AFTER: Final = timedelta(hours=8)

_RANK: Final = {
    State.SENT: 1,
    State.DEFERRED: 2,
    State.DELIVERED: 3,
    State.BOUNCED: 4,
    State.COMPLAINED: 5,
}
_REACHED: Final = {
    Signal.ACCEPTED: State.SENT,
    Signal.DEFERRED: State.DEFERRED,
    Signal.DELIVERED: State.DELIVERED,
    Signal.BOUNCED: State.BOUNCED,
    Signal.REJECTED: State.BOUNCED,
    Signal.COMPLAINED: State.COMPLAINED,
}


def fair_place(due_at: datetime, position: int) -> datetime:
    """Where a letter stands in the line of its lane when `position` letters of its customer stand before it."""
    return due_at + position * FAIR_STEP


def retry_at(now: datetime, attempts: int, chance: float) -> datetime:
    """When to try again after `attempts` tries: exponential, full jitter; `chance` is drawn from [0, 1)."""
    ceiling = min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2.0 ** min(attempts - 1, 10))
    return now + timedelta(seconds=max(RETRY_LEAST_SECONDS, chance * ceiling))


def on_unknown(kind: LetterKind, letter: Letter, now: datetime) -> Wait | Renew | GiveUp:
    """What to do when a call to Mailgun ended without a clear answer, so the letter may have gone out."""
    if not kind.renewable:
        return Wait(now + UNKNOWN_CHECKS[0])
    if letter.renewal >= RENEWALS or now >= letter.expires_at:
        return GiveUp("outcome_unknown")
    return Renew()


def has_left(state: State) -> bool:
    """Whether Mailgun took the letter, whatever became of it afterwards."""
    return _RANK.get(state, 0) > 0


def has_hope(state: State) -> bool:
    """Whether a letter has reached somebody, or may yet."""
    return state not in (State.ABANDONED, State.BOUNCED)


def advance(state: State, signal: Signal) -> State:
    """The state of a letter after a signal. Signals come in any order and twice; the end is always the same.

    What is known can only grow: accepted, deferred, delivered, bounced (which may follow delivered), complained.
    """
    reached = _REACHED.get(signal, state)
    return reached if _RANK.get(reached, 0) > _RANK.get(state, 0) else state


def announced(before: State, after: State) -> tuple[type[LetterEvent], ...]:
    """The events that announce a change of state, oldest fact first."""
    events: list[type[LetterEvent]] = []
    if has_left(after) and not has_left(before):
        events.append(NotificationSent)
    if after is State.DELIVERED and before is not State.DELIVERED:
        events.append(NotificationDelivered)
    if after in (State.BOUNCED, State.ABANDONED) and before is not after:
        events.append(NotificationFailed)
    return tuple(events)


@enforces(erasure.ERASE_AFTER_INACTIVE, messages.NECESSARY_LETTERS_STILL_GO)
def becomes_a_task(kind: LetterKind, reason: str) -> bool:
    """Whether a letter that failed is told by a person instead: one that the law asks for, while there is a reader.

    The last letter before an erasure is not: what became of it is told to retention, and its reader is forgotten.
    Nor is one about a breach: it goes to another contact, and then it is a case.
    """
    return (
        kind.letter_class is LetterClass.LEGAL
        and not (kind.farewell or kind.tells_breach)
        and reason not in NO_FAILURE
    )
