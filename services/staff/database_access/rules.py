"""How long somebody may look into a database, and as whom. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor
from uuid import UUID

from services.staff.database_access.values import Access
from services.staff.people.values import Person
from shared.errors import Conflict, Forbidden
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.wait_bounds import noted_by


def expires_at(now: datetime, hours: int, grant_expires_at: datetime) -> datetime:
    """When an access of so many hours ends that begins now: not after the grant by which it is given."""
    return min(now + timedelta(hours=hours), grant_expires_at)


def is_live(access: Access, now: datetime) -> bool:
    """Whether it counts now; one that is dated ahead of now was written by a clock that was wrong."""
    return access.ended_at is None and noted_by(access.opened_at, now) and now < access.expires_at


@enforces(protection.AUTHORISED_STAFF_ONLY)
def seconds_left(access: Access, person_id: UUID, now: datetime) -> int:
    """For how long a password works that is made now.

    Raises `Forbidden` for another person, `Conflict` for an access that has ended.
    """
    if access.person_id != person_id:
        raise Forbidden("this is the access of somebody else", details={"reason": "access_of_another"})
    left = floor((access.expires_at - now).total_seconds()) if is_live(access, now) else 0
    if left < 1:
        raise Conflict("It has ended.", details={"reason": "ended"})
    return left


def check_found(person: Person | None) -> Person:
    """The person for whom it is opened. Raises `Forbidden` where they are gone."""
    if person is None:
        raise Forbidden("they are not of the staff", details={"reason": "person_left"})
    return person
