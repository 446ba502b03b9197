"""What staff answers about grants."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import Length

from services.staff.grants.values import MOST_ACCOUNTS
from services.staff.people.calls import OVERSEERS, StaffCode
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.records import Record
from shared.staff import Act, Purpose, Role


class GrantShown(Record):
    """A role that somebody has or had for a purpose.

    `account_ids` are the customers that it reaches, null where it reaches all. `live` says whether it gives
    something now, as far as the grant itself goes.
    """

    grant_id: UUID
    code: str
    role: Role
    purpose: Purpose
    account_ids: tuple[UUID, ...] | None = None
    begins_at: datetime
    expires_at: datetime
    bootstrap: bool
    granted_at: datetime
    granted_by: str
    approved_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None
    live: bool


class GrantsShown(Record):
    """The newest first."""

    grants: tuple[GrantShown, ...]


class Grants(
    Call[GrantsShown],
    service="staff",
    refusals=(NotFound,),
    staff=Act(roles=OVERSEERS),
):
    """What somebody of the staff is or was granted."""

    code: StaffCode


class GiveGrant(
    Call[GrantShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN,), two_persons=True, subject="code"),
):
    """Grant somebody a role for a purpose, from now or `begins_on` to the end of `last_day`.

    With `account_ids` it is for these customers and for nothing besides, without any for all.

    `Forbidden` without a signed undertaking and training that count, and for oneself; `Conflict` for who is not
    active, where it would last too long, and for customers in a role that does nothing about one.
    """

    code: StaffCode
    role: Role
    purpose: Purpose
    last_day: date
    begins_on: date | None = None
    account_ids: Annotated[tuple[UUID, ...], Length(max=MOST_ACCOUNTS)] = ()


class RevokeGrant(
    Call[GrantShown],
    service="staff",
    command=True,
    refusals=(NotFound, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.INCIDENT_LEAD)),
):
    """A grant gives nothing from now on. Said again it changes nothing: ended is ended.

    `Forbidden` where fewer than two administrators who can act would be left, and for whoever logged in more than
    15 minutes ago.
    """

    grant_id: UUID
