"""What staff answers about access to the databases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Range, Regexp

from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import WATCHERS, Act, Role
from shared.system import DATABASES

HOURS_MOST: Final = 8
"""A working day: whoever needs longer asks again, and says why again."""
REASONS: Final = ("fault", "restore", "slow", "inspection", "incident")
"""Why somebody looks into a database: codes, for sentences name people."""
VERIFIER: Final = r"SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=\Z"
"""As PostgreSQL keeps a password: rounds, salt of 16 bytes, stored key and server key."""
LOOKERS: Final = (Role.OPERATOR, Role.DEVELOPER)
ENDERS: Final = (*LOOKERS, Role.INCIDENT_LEAD, Role.STAFF_ADMIN)


class AccessShown(Record):
    """That somebody may look into a database, or could. `role` is the name by which PostgreSQL lets them in."""

    access_id: UUID
    code: str
    database: str
    role: str
    reason: str
    purpose: str
    approved_by: str
    opened_at: datetime
    expires_at: datetime
    password_made_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None


class OpenDatabaseAccess(
    Call[AccessShown],
    service="staff",
    command=True,
    refusals=(Conflict, Forbidden, NotFound),
    staff=Act(roles=LOOKERS, two_persons=True),
):
    """Whoever asked for it may look into one database for some hours, beginning when it is carried out.

    They set a password by `set_database_password`. `Conflict` where somebody else may look into it now: what was
    read is known of a database, not of a person. `Forbidden` where the one who asked may not do this any more.
    """

    database: Annotated[str, OneOf(DATABASES)]
    hours: Annotated[int, Range(min=1, max=HOURS_MOST)]
    reason: Annotated[str, OneOf(REASONS)]


class SetDatabasePassword(
    Call[AccessShown],
    service="staff",
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=LOOKERS, changes=True),
):
    """A password for an access of one's own, which ends with it; one from before works no more.

    Whoever has the access made it up. `verifier` is what PostgreSQL knows it by (RFC 7677): nobody gets
    the password from it, and it never travels. `Forbidden` for the access of somebody else, `Conflict` for one that
    has ended.
    """

    access_id: UUID
    verifier: Annotated[str, Regexp(VERIFIER, error="a verifier of SCRAM-SHA-256")]


class EndDatabaseAccess(
    Call[AccessShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict),
    staff=Act(roles=ENDERS),
):
    """Nobody logs in by it any more, and who is logged in is cut off. `Conflict` where it has ended."""

    access_id: UUID


class AccessesShown(PageShown):
    """A page of them, the newest first."""

    accesses: tuple[AccessShown, ...]


class ListDatabaseAccess(
    Paged, Call[AccessesShown], service="staff", staff=Act(roles=(*WATCHERS, Role.STAFF_ADMIN))
):
    """Who may look into which database now, and could lately."""
