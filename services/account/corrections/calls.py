"""What staff correct for somebody who asks by mail, by telephone or in person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf

from services.account.accounts.calls import INTO_ACCOUNT, AtVersion
from services.account.companies.calls import CORRECTED, CORRECTED_BECAUSE
from services.account.fields.kinds import AN_ADDRESS, Email, PersonName, Phone
from services.account.users.calls import UserChanged
from shared.calls import Call
from shared.errors import Conflict, Invalid, TooMany
from shared.records import ABSENT, Absent
from shared.staff import Act, Role

REASONS: Final = ("asked_by_person", *CORRECTED_BECAUSE)
"""Why staff correct something of a person: somebody asked for it, or we found it ourselves."""


class CorrectUser(
    AtVersion,
    Call[UserChanged],
    service="account",
    command=True,
    refusals=(*INTO_ACCOUNT, Conflict, Invalid, TooMany),
    staff=Act(roles=(Role.SUPPORT, Role.CASE_HANDLER, Role.PRIVACY_LEAD)),
):
    """Correct the fields of a user that are present, active or not (GDPR article 16); the person is told.

    Everybody who has a copy gets the correction. An address is corrected only where nobody has proved it: one that
    is in use is changed by whoever uses it, or by an owner, or staff could be talked into giving a user away.
    """

    user_id: UUID
    name: PersonName | Absent = ABSENT
    email: Annotated[Email, AN_ADDRESS] | Absent = ABSENT
    phone: Phone | Absent = ABSENT
    reason: Annotated[str, OneOf(REASONS)]

    def objections(self) -> Mapping[str, list[str]]:
        """Something is corrected."""
        if set(CORRECTED) & self.given().keys():
            return {}
        return {name: ["one of name, email and phone is needed"] for name in CORRECTED}
