"""Which link and which session ends by what: one table, and the sentence that says why where one outlives a change.

The rule is short: a change of password, address, role or state ends every link and session made before it, of every
kind. `OUTLIVES` holds the exceptions, each with its reason; `KEPT_ELSEWHERE` holds what other services give out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Link(StrEnum):
    """What opens a door: the kinds of ticket, and the session."""

    CONFIRMATION = "confirmation"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a name, no secret
    REACTIVATION = "reactivation"
    ADDRESS_CHANGE = "address_change"
    SESSION = "session"


class Change(StrEnum):
    """What may end it."""

    USED = "used"
    NEWER = "newer"
    AGE = "age"
    PASSWORD = "password"  # noqa: S105  # a name, no secret
    ADDRESS = "address"
    ROLE = "role"
    USER_INACTIVE = "user_inactive"
    ACCOUNT_INACTIVE = "account_inactive"
    ACCOUNT_BACK = "account_back"
    ACCOUNT_BLOCKED = "account_blocked"
    ADDRESS_PROVED = "address_proved"
    ERASED = "erased"
    NOTICE = "notice"
    RESTRICTED = "restricted"


LIFE: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        Link.PASSWORD_RESET: timedelta(hours=1),
        Link.CONFIRMATION: timedelta(days=7),
        Link.ADDRESS_CHANGE: timedelta(days=1),
        Link.INVITATION: timedelta(days=7),
        Link.REACTIVATION: timedelta(days=1),
    }
)
"""How long a link works, from the moment at which its letter is written. A session: `rules.session_ends_at`."""

_ANYBODY_ASKS: Final = "anybody can ask for one in another's name, and could so end the link just received"
_ACTIVE_AS_EVER: Final = "until the last day of its notice has passed the account is as active as ever"
_STILL_ONES_OWN: Final = "a restriction stops what we do with the data, not the person's own way to them"

OUTLIVES: Final[Mapping[tuple[Link, Change], str]] = MappingProxyType(
    {
        (Link.CONFIRMATION, Change.NEWER): _ANYBODY_ASKS,
        (Link.PASSWORD_RESET, Change.NEWER): _ANYBODY_ASKS,
        (Link.REACTIVATION, Change.NEWER): _ANYBODY_ASKS,
        (Link.SESSION, Change.USED): "that is what it is for",
        (Link.SESSION, Change.NEWER): "people use several machines; the eleventh ends the oldest",
    }
    | {(link, Change.NOTICE): _ACTIVE_AS_EVER for link in Link}
    | {(link, Change.RESTRICTED): _STILL_ONES_OWN for link in Link}
)
"""What a change does not end, and why."""

KEPT_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "the session in which its own password is changed": "whoever changed it has just proved to be the one",
        "unsubscribe (notification)": "declining stays as easy as the letter said, while there is a person",
        "preferences (notification)": "it shows two words and declines more, and that is wished to be easy",
        "certificate of erasure (retention)": "it names nobody, and goes on proving what it proves",
    }
)
"""What none of these changes ends, and why."""


def ends(link: Link, change: Change) -> bool:
    """Whether the change ends a link or session of this kind that was made before it."""
    return (link, change) not in OUTLIVES


def tickets_ended_by(change: Change) -> list[str]:
    """The kinds of ticket that this change makes void."""
    return [link.value for link in Link if link is not Link.SESSION and ends(link, change)]


def sessions_end_by(change: Change) -> bool:
    """Whether this change ends a user's sessions."""
    return ends(Link.SESSION, change)
