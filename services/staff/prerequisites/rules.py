"""Who records a prerequisite, for how long it counts, and what is lacking. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.staff.people.values import Person, PersonState
from services.staff.prerequisites.values import KINDS, PrerequisiteKind
from shared.calendar import add_months, oslo_date, start_of_day_oslo
from shared.errors import Conflict, Forbidden
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.terms.parameters import in_force

MOST: Final = 200
"""So many prerequisites are kept of one person: whatever grows has a bound."""


def expires_at(kind: PrerequisiteKind, began_on: date, now: datetime) -> datetime:
    """Until when what began on this day counts: to the end of the day before the same day some months later.

    For how many is said by the figure that is in force when it is recorded.
    """
    return start_of_day_oslo(add_months(began_on, in_force(KINDS[kind].lasts, oslo_date(now)).default))


@enforces(protection.UNDERTAKING_FIRST)
def check_recorder(kind: PrerequisiteKind, person: Person, actor: str) -> None:
    """Raise `Forbidden` unless this actor may record this kind for the person.

    Nobody signs for another, and nobody certifies their own training.
    """
    if (actor == person.actor) != KINDS[kind].by_the_person:
        reason = "own_signature_needed" if KINDS[kind].by_the_person else "another_person_needed"
        raise Forbidden("the wrong person records this", details={"reason": reason})


def check_still_here(person: Person) -> None:
    """Raise `Conflict` where the person has left."""
    if person.state is PersonState.LEFT:
        raise Conflict("They have left.", details={"state": person.state.value})


def check_completed_on(completed_on: date, now: datetime) -> None:
    """Raise `Conflict` where training lies ahead, or is so long ago that it counts no more."""
    if completed_on > oslo_date(now):
        raise Conflict("The day has not come yet.", details={"reason": "ahead"})
    if expires_at(PrerequisiteKind.TRAINING, completed_on, now) <= now:
        raise Conflict("It was too long ago to count.", details={"reason": "too_long_ago"})


def check_room(kept: int) -> None:
    """Raise `Conflict` where one more would be too many."""
    if kept >= MOST:
        raise Conflict("There are too many already.")
