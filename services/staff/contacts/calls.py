"""Where somebody of the staff is reached, and who has a role: what is asked by whoever calls people on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from marshmallow.validate import Length, OneOf

from services.staff.people.calls import StaffCode
from shared.calls import Call, Done
from shared.email_addresses import EMAIL_LIMIT
from shared.errors import Forbidden, NotFound
from shared.records import Record
from shared.staff import Act, Role
from shared.terms.texts import LANGUAGES

CHANGERS: Final = (Role.STAFF_ADMIN, Role.INCIDENT_LEAD)
LOOKERS: Final = (
    Role.STAFF_ADMIN,
    Role.INCIDENT_LEAD,
    Role.PRIVACY_LEAD,
    Role.CASE_HANDLER,
    Role.SUPPORT,
    Role.OPERATOR,
    Role.DEVELOPER,
    Role.MANAGEMENT,
    Role.AUDITOR,
)
HOLDERS_MOST: Final = 20
"""So many people are called at once; whoever is over this number is called by the others."""


class SetContact(
    Call[Done], service="staff", command=True, refusals=(NotFound, Forbidden), staff=Act(roles=CHANGERS)
):
    """Say at which address at work somebody of the staff is called, and in which language; the one before goes.

    `NotFound` where nobody active has this code; `Forbidden` for the address of somebody else where the log-in is
    more than 15 minutes ago.
    """

    code: StaffCode
    email: Annotated[str, Length(max=EMAIL_LIMIT)]
    language: Annotated[str, OneOf(LANGUAGES)]


class ReachableShown(Record):
    """The codes of those who can be called, in their order.

    `without_cases` are those of them who may look at no case now: they would be called to what they are refused.
    """

    codes: tuple[str, ...]
    without_cases: tuple[str, ...] = ()


class Reachable(Call[ReachableShown], service="staff", staff=Act(roles=LOOKERS)):
    """Who of the staff has an address to be called at. The addresses themselves are told to nobody at the desk."""


class CaseViewersShown(Record):
    """Their codes, in order."""

    codes: tuple[str, ...]


class CaseViewers(Call[CaseViewersShown], service="staff"):
    """Which of these people may be shown any case, by a role for all customers that they have by that instant.

    Whoever has a role for some customers is shown no case: it may be about others.
    """

    codes: Annotated[tuple[StaffCode, ...], Length(max=HOLDERS_MOST)]
    by: datetime


class ContactFound(Record):
    """The address of somebody of the staff, held for as long as one letter takes.

    `former_email` is the one before, where it was replaced within three months: a warning goes to both.
    """

    email: str
    language: str
    former_email: str | None = None


class ContactOf(Call[ContactFound], service="staff", refusals=(NotFound,)):
    """Where somebody active is called. `NotFound` for whoever has left or has no address."""

    code: StaffCode


class RoleHoldersShown(Record):
    """Their codes, in order."""

    codes: tuple[str, ...]


class RoleHolders(Call[RoleHoldersShown], service="staff"):
    """Who may act in this role for all customers now: by grant, undertaking, training and two passkeys.

    Whoever has it for some customers is called for none: which case it is about they might not be allowed to see.
    """

    role: Annotated[str, OneOf([each.value for each in Role])]
