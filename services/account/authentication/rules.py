"""What is decided about sessions and failed log-ins, and the one spelling in which a password is digested. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.account.authentication.values import SessionState
from shared.terms import enforces
from shared.terms.clauses import monitoring, protection
from shared.wait_bounds import noted_by

SESSION_IDLE: Final = timedelta(hours=1)
SESSION_LONGEST: Final = timedelta(hours=12)
SESSIONS_A_USER: Final = 10
ENDED_KEPT: Final = timedelta(hours=1)
"""So long it is known whose session it was, for whoever was in the middle of a form."""
TOUCH_AFTER: Final = timedelta(minutes=1)
"""A session's last use is written at most this often."""
DELAY_FROM_FAILURES: Final = 5
DELAY_WINDOW: Final = timedelta(minutes=15)
DELAY_FIRST: Final = timedelta(seconds=30)
LOCK_FROM_FAILURES: Final = 10
LOCK_WINDOW: Final = timedelta(hours=1)
LOCK: Final = timedelta(minutes=15)
ADDRESS_LOCK_FROM_FAILURES: Final = 40
"""One network address often stands for a whole office, so it is given more than one name."""
PROOF_LASTS: Final = timedelta(days=1)
"""So long whoever proved a log-in name is not kept waiting by what others try under it."""
FAILURES_KEPT: Final = 50
BRAKE_KEPT: Final = timedelta(days=1)
ATTEMPTS_KEPT: Final = timedelta(hours=48)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def name_closed_until(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when a log-in name takes no attempt, None where it takes one now.

    From five failures within 15 minutes the next attempt waits 30 s, 60 s, 120 s …; from ten within an hour
    it waits 15 minutes. Attempts while closed do not count, so it always opens again.
    """
    failures = _noted(failures, now)
    if not failures:
        return None
    last = max(failures)
    if _since(failures, now - LOCK_WINDOW) >= LOCK_FROM_FAILURES:
        return _if_ahead(last + LOCK, now)
    recent = _since(failures, now - DELAY_WINDOW)
    if recent < DELAY_FROM_FAILURES:
        return None
    return _if_ahead(last + min(DELAY_FIRST * (1 << (recent - DELAY_FROM_FAILURES)), LOCK), now)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED, protection.ATTACKS_ARE_LOOKED_FOR)
def address_closed_until(failures: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when a network address may not try: 15 minutes after the fortieth failure within an hour."""
    failures = _noted(failures, now)
    if _since(failures, now - LOCK_WINDOW) < ADDRESS_LOCK_FROM_FAILURES:
        return None
    return _if_ahead(max(failures) + LOCK, now)


@enforces(monitoring.ODD_LOGINS_ARE_REPORTED)
def has_proved(proved_at: datetime | None, now: datetime) -> bool:
    """Whether the name was proved from this address of late, by its password or by a letter."""
    return proved_at is not None and noted_by(proved_at, now) and now - proved_at < PROOF_LASTS


def failures_after(failures: Sequence[datetime], counted_at: datetime) -> list[datetime]:
    """The failures that a success counted then does not make good: of attempts that began later."""
    return [at for at in failures if at > counted_at]


def kept_failures(failures: Sequence[datetime], now: datetime) -> list[datetime]:
    """The failures worth remembering, oldest first."""
    return sorted(at for at in _noted(failures, now) if at > now - LOCK_WINDOW)[-FAILURES_KEPT:]


def _noted(failures: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those that can have been: one dated ahead of now would keep a name closed until then."""
    return [at for at in failures if noted_by(at, now)]


def _since(failures: Sequence[datetime], start: datetime) -> int:
    return sum(1 for at in failures if at > start)


def _if_ahead(instant: datetime, now: datetime) -> datetime | None:
    return instant if instant > now else None


def session_ends_at(session: SessionState) -> datetime:
    """One hour after the last use, twelve hours after log-in at the latest."""
    return min(session.seen_at + SESSION_IDLE, session.created_at + SESSION_LONGEST)


@enforces(protection.ONLY_YOUR_OWN)
def session_is_open(session: SessionState, now: datetime) -> bool:
    """Whether the session may be used: not ended, and both company and user are active."""
    begun = noted_by(session.created_at, now) and noted_by(session.seen_at, now)
    return begun and now < session_ends_at(session) and session.is_of_active


def touch_is_due(session: SessionState, now: datetime) -> bool:
    """Whether the session's last use is to be written down."""
    return abs(now - session.seen_at) >= TOUCH_AFTER


def canonical_password(text: str) -> str:
    """The spelling that is digested: NFKC, and every kind of blank a blank, as keyboards differ in them."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in folded)
