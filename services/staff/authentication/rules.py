"""How long challenges and sessions last, and how many keys and sessions a person may have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from services.staff.authentication.values import SessionKind, SessionState
from shared.errors import Forbidden
from shared.statements import Statement
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.wait_bounds import AHEAD, noted_by

CHALLENGE_LASTS: Final = timedelta(minutes=5)
"""As long as browsers wait for somebody to find their key."""

PASSKEYS_MOST: Final = 10
SESSIONS_MOST: Final = 10

FRESH: Final = timedelta(minutes=15)
"""Who changes what they log in with has proved who they are no longer ago than this."""
TOUCH_AFTER: Final = timedelta(minutes=1)
"""A session's last use is written at most this often."""


class Limits(NamedTuple):
    """How long a session lasts without being used, and at the longest."""

    idle: timedelta
    longest: timedelta


SESSION_LASTS: Final[Mapping[SessionKind, Limits]] = MappingProxyType(
    {
        SessionKind.DESK: Limits(idle=timedelta(hours=1), longest=timedelta(hours=12)),
        SessionKind.COMMAND_LINE: Limits(idle=timedelta(hours=4), longest=timedelta(hours=12)),
    }
)
KNOWN_AFTER: Final = timedelta(hours=1)
"""So long it is known whose a session was, for a form that was open when it ended."""
SESSION_KEPT: Final = max(each.longest for each in SESSION_LASTS.values()) + KNOWN_AFTER


def challenge_is_open(begun_at: datetime, now: datetime) -> bool:
    """Whether an answer may still come."""
    return noted_by(begun_at, now) and now < begun_at + CHALLENGE_LASTS


def session_ends_at(session: SessionState) -> datetime:
    """When it ends if it is not used any more."""
    limits = SESSION_LASTS[session.kind]
    return min(session.seen_at + limits.idle, session.created_at + limits.longest)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def session_is_open(session: SessionState, now: datetime) -> bool:
    """Whether it may be used; one that is dated ahead of now was written by a clock that was wrong."""
    instants = (session.created_at, session.seen_at, session.authenticated_at)
    return all(noted_by(each, now) for each in instants) and now < session_ends_at(session)


def touch_is_due(session: SessionState, now: datetime) -> bool:
    """Whether its last use is to be written down."""
    return abs(now - session.seen_at) >= TOUCH_AFTER


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_in_browser(session: SessionState) -> None:
    """Raise `Forbidden` for a command line: its session is a file, and whoever takes it gets no keys by it."""
    if session.kind is not SessionKind.DESK:
        raise Forbidden("this is done in the browser alone", details={"reason": "only_in_browser"})


def check_changes_keys(session: SessionState, now: datetime) -> None:
    """Raise `Forbidden` unless its holder is in the browser and has just logged in."""
    check_in_browser(session)
    check_fresh(session, now)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_fresh(session: SessionState, now: datetime) -> None:
    """Raise `Forbidden` where its holder last proved who they are too long ago for this."""
    _check_recent(session.authenticated_at, now)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_asks_two(session: SessionState, now: datetime) -> None:
    """Raise `Forbidden` for a command line whose log-in is too long ago to say what a second person shall approve.

    Its session is a file. Whoever took it and has a passkey of their own would else be both persons.
    """
    if session.kind is SessionKind.COMMAND_LINE:
        check_fresh(session, now)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_changes_others(statement: Statement | None, now: datetime) -> None:
    """Raise `Forbidden` for whoever changes how others log in, are reached or may act, and logged in too long ago.

    Who acts is in the statement, without which the bus lets nobody make such a call. Whoever makes a link to enrol
    by could use it, so the file of a session that somebody took would else be as good as a key of another person,
    and enough to shut out everybody else of the staff.
    """
    if statement is not None:
        _check_recent(statement.authenticated_at, now)


def _check_recent(authenticated_at: datetime, now: datetime) -> None:
    if not -AHEAD <= now - authenticated_at <= FRESH:
        raise Forbidden("log in once more for this", details={"reason": "log_in_again"})
