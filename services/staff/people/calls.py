"""What staff answers about the vendor's people."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Final

from marshmallow.validate import OneOf, Regexp

from shared.actor import STAFF_CODE
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.records import Record
from shared.staff import Act, Role

StaffCode = Annotated[str, Regexp(STAFF_CODE + r"\Z", error="the code of somebody of the staff")]
LinkDigest = Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256 digest in hexadecimal")]

OVERSEERS: Final = (Role.STAFF_ADMIN, Role.MANAGEMENT, Role.AUDITOR, Role.INCIDENT_LEAD, Role.PRIVACY_LEAD)
"""Who looks at what people of the staff may do: also whoever may end some of it, and has to find it."""
EXIT_REASONS: Final = ("left", "dismissed")
"""Why somebody is of the staff no more. Where an invitation lapses the system says `never_came`."""

FORMER: Final = ("former_staff", "former_approver")
"""Words in the place of whoever left so long ago that nothing is recorded of them: for who did something, and for
who approved it. No code is written so."""


def link_digest(token: str) -> str:
    """What is kept of the token of an enrolment link. Whoever makes a link makes the token, and sends this only."""
    return hashlib.sha256(b"vilkar enrolment link " + token.encode()).hexdigest()


def enrolment_address(desk_url: str, token: str) -> str:
    """Where the link leads: a page of the desk."""
    return f"{desk_url.rstrip('/')}/enrol/{token}"


class PersonShown(Record):
    """Somebody of the staff: `invited`, `active` or `left`.

    `let_in_by` made a link by which they came, and nobody else has vouched since that it was they.
    """

    code: str
    state: str
    invited_at: datetime
    activated_at: datetime | None
    left_at: datetime | None
    let_in_by: tuple[str, ...] = ()


class PeopleShown(Record):
    """In order of their codes."""

    people: tuple[PersonShown, ...]


class ListPeople(Call[PeopleShown], service="staff", staff=Act(roles=OVERSEERS)):
    """Everybody of the staff, and who left as long as that is recorded."""


class ShowPerson(Call[PersonShown], service="staff", refusals=(NotFound,), staff=Act(roles=OVERSEERS)):
    """Somebody of the staff."""

    code: StaffCode


class InvitePerson(
    Call[PersonShown],
    service="staff",
    command=True,
    refusals=(Conflict, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN,)),
):
    """Ask somebody to become one of the staff; they enrol by a link that ends in an hour.

    `token_digest` is that of the link's token, which whoever invites hands over in person. `Conflict` where the
    code is or was somebody's, `Forbidden` where the log-in is more than 15 minutes ago.
    """

    code: StaffCode
    token_digest: LinkDigest


class RenewInvitation(
    Call[PersonShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN,), subject="code"),
):
    """A new link for somebody who was invited and has not come; the one before ends. `Conflict` for others.

    `Forbidden` where the log-in is more than 15 minutes ago.
    """

    code: StaffCode
    token_digest: LinkDigest


class RecordExit(
    Call[PersonShown],
    service="staff",
    command=True,
    refusals=(NotFound, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.MANAGEMENT, Role.INCIDENT_LEAD), subject="code"),
):
    """Somebody leaves: what they could do ends now, in all its parts. Said again it changes nothing.

    `Forbidden` where they are one of the last two administrators who can act, and where the log-in is more than 15
    minutes ago and they have come.
    """

    code: StaffCode
    reason: Annotated[str, OneOf(EXIT_REASONS)]
