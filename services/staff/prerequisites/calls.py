"""What staff answers about undertakings and training."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.staff.authentication.calls import ABOUT_ONESELF, InSession
from services.staff.people.calls import OVERSEERS, StaffCode
from services.staff.prerequisites.values import Ending, PrerequisiteKind
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound, Unauthenticated
from shared.events import CODE_PATTERN
from shared.records import Record
from shared.staff import Act, Role, WithoutStatement

LANGUAGES: Final = ("nb", "en")
KINDS: Final = tuple(each.value for each in PrerequisiteKind)
"""What everybody needs before they may do anything."""
WITHDRAWN: Final = tuple(each.value for each in (Ending.MISTAKEN, Ending.OUTDATED))

CourseCode = Annotated[str, Regexp(CODE_PATTERN.pattern + r"\Z", error="the code of a course")]
TextDigest = Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256 digest in hexadecimal")]


class UndertakingTextShown(Record):
    """The text that is signed, and its SHA-256 in hexadecimal."""

    language: str
    text: str
    sha256: str


class UndertakingText(
    Call[UndertakingTextShown], service="staff", staff=WithoutStatement("it is the same text for everybody")
):
    """The undertaking of confidentiality, as it is signed now."""

    language: Annotated[str, OneOf(LANGUAGES)]


class PrerequisiteShown(Record):
    """An undertaking or a training of somebody. `live` says whether it counts now.

    `ends_soon` says of one that does that it ends within a month.

    `what` is the digest of the text that was signed, or the code of the course.
    """

    prerequisite_id: UUID
    kind: str
    what: str
    began_at: datetime
    expires_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_because: str | None
    live: bool
    ends_soon: bool = False


class PrerequisitesShown(Record):
    """The newest first."""

    prerequisites: tuple[PrerequisiteShown, ...]


class Prerequisites(
    Call[PrerequisitesShown],
    service="staff",
    refusals=(NotFound,),
    staff=Act(roles=OVERSEERS),
):
    """The undertakings and training of somebody of the staff."""

    code: StaffCode


class OwnPrerequisites(
    InSession, Call[PrerequisitesShown], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF
):
    """The undertakings and training of the holder of the session: without both they may do nothing."""


class SignUndertaking(
    InSession,
    Call[PrerequisiteShown],
    service="staff",
    refusals=(Unauthenticated, Forbidden, Conflict),
    staff=ABOUT_ONESELF,
):
    """Whoever holds the session signs the undertaking of confidentiality.

    `Forbidden` for the session of a command line: it is read and signed in a browser. `Conflict` where the text is
    not the one that is signed now: whoever signs has read this very text.
    """

    text_sha256: TextDigest


class RecordTraining(
    Call[PrerequisiteShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.PRIVACY_LEAD), subject="code"),
):
    """Somebody has completed a course. `Forbidden` for one's own, `Conflict` where the day does not count."""

    code: StaffCode
    course: CourseCode
    completed_on: date


class WithdrawPrerequisite(
    Call[PrerequisiteShown],
    service="staff",
    command=True,
    refusals=(NotFound, Conflict, Forbidden),
    staff=Act(roles=(Role.STAFF_ADMIN, Role.PRIVACY_LEAD)),
):
    """An undertaking or a training counts no more.

    `Conflict` where it has ended already. `Forbidden` where fewer than two administrators who can act would be
    left, and for whoever logged in more than 15 minutes ago.
    """

    prerequisite_id: UUID
    reason: Annotated[str, OneOf(WITHDRAWN)]
