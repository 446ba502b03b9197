"""Who may be invited, and what becomes of an invitation. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.staff.people.values import EnrolmentLink, Person, PersonState
from shared.errors import Conflict, Forbidden
from shared.wait_bounds import AHEAD, is_due

LINK_LASTS: Final = timedelta(hours=1)
INVITATION_LASTS: Final = timedelta(days=30)
"""Who has not come by then has left, as far as we know."""
MOST: Final = 500
"""So many people are listed: whatever grows has a bound."""


def check_room(people: int) -> None:
    """Raise `Conflict` where one more would be too many."""
    if people >= MOST:
        raise Conflict("There are too many people already.")


def check_not_come(person: Person) -> None:
    """Raise `Conflict` unless the person was invited and has not come yet."""
    if person.state is not PersonState.INVITED:
        raise Conflict("They are not invited any more.", details={"state": person.state.value})


def check_usable(link: EnrolmentLink, person: Person, now: datetime) -> None:
    """Raise `Forbidden` with its reason where the link enrols nothing: used, over, or its person has left."""
    if person.state is PersonState.LEFT:
        raise Forbidden("the person has left", details={"reason": "person_left"})
    if link.used_at is not None:
        raise Forbidden("the link was used", details={"reason": "link_used"})
    if is_due(link.expires_at, now, LINK_LASTS + AHEAD):
        raise Forbidden("the link has ended", details={"reason": "link_ended"})


def is_usable(link: EnrolmentLink, person: Person, now: datetime) -> bool:
    """Whether the link enrols something now."""
    try:
        check_usable(link, person, now)
    except Forbidden:
        return False
    return True
