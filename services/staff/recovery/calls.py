"""What staff answers about ways back for somebody who has lost their passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import marshmallow as ma

from services.staff.authentication.calls import ABOUT_ONESELF, InSession
from services.staff.people.calls import LinkDigest, StaffCode
from services.staff.recovery import rules
from shared.calls import Call, Done
from shared.errors import Conflict, Forbidden, NotFound, Unauthenticated
from shared.records import About, Kind, Record
from shared.staff import Act, Role

READ_LIMIT: Final = 64
VOUCHERS: Final = (Role.STAFF_ADMIN, Role.MANAGEMENT, Role.INCIDENT_LEAD, Role.PRIVACY_LEAD)
"""Who can say of a colleague that it was they who came: as many as there are, for a small house has few."""


class RecoveryCodeField(ma.fields.String):
    """A recovery code however it was typed. A slip of one letter is told here, and does not count as a failure."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        code = rules.understood(text) if len(text) <= READ_LIMIT else None
        if code is None:
            raise ma.ValidationError("not a recovery code: look for a slip in typing")
        return code


RecoveryCode = Annotated[str, Kind(RecoveryCodeField), About(maxLength=READ_LIMIT, format="password")]


class RecoveryProof(Record):
    """Somebody's code, and one of the recovery codes that they wrote down."""

    staff_code: StaffCode
    code: RecoveryCode


class RecoveryCodesShown(Record):
    """The codes, shown this once: only their digests are kept. Each works once."""

    codes: tuple[str, ...]


class MakeRecoveryCodes(
    InSession, Call[RecoveryCodesShown], service="staff", refusals=(Unauthenticated, Forbidden), staff=ABOUT_ONESELF
):
    """Ten new recovery codes; those from before do not work any more.

    `Forbidden` for a command line, and where the log-in is more than 15 minutes ago.
    """


class RecoveryCodesLeftShown(Record):
    """How many codes have not been used, and when they were made."""

    left: int
    made_at: datetime | None


class RecoveryCodesLeft(
    InSession, Call[RecoveryCodesLeftShown], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF
):
    """How many of one's own codes are left."""


class BurnRecoveryCodes(
    InSession,
    Call[RecoveryCodesLeftShown],
    service="staff",
    refusals=(Unauthenticated, Forbidden),
    staff=ABOUT_ONESELF,
):
    """None of one's own codes works any more: somebody may have seen them. `Forbidden` for a command line."""


class IssueRecoveryLink(
    Call[Done],
    service="staff",
    command=True,
    refusals=(NotFound, Forbidden, Conflict),
    staff=Act(roles=(Role.STAFF_ADMIN,), subject="code"),
):
    """A link to enrol anew, for somebody who has lost everything. Whoever asks makes the token and hands it over.

    `Forbidden` for oneself: it takes another person in the room, who has logged in no more than 15 minutes ago. The
    link ends in an hour.
    """

    code: StaffCode
    token_digest: LinkDigest


class VouchForPerson(
    Call[Done],
    service="staff",
    command=True,
    refusals=(NotFound, Forbidden, Conflict),
    staff=Act(roles=VOUCHERS, subject="code"),
):
    """Say that it was this person who came by a link to enrol: whoever says so has met, or seen and heard them.

    Until a third person has, whoever made the link could be who came. `Forbidden` for those two, for whoever came
    by a link of theirs, and where the log-in is more than 15 minutes ago; `Conflict` where nothing is open.
    """

    code: StaffCode
