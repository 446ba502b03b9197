"""How complaints and enquiries come in from staff, and how a person sees what became of their own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.account.authentication.calls import InSession
from services.account.support.calls import ABOUT, CASES
from services.cases.intake.calls import EXTERNAL_ID
from services.cases.rights_requests.calls import OWN_SECONDS, TAKERS, RequestTaken
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, NotFound, Unauthenticated
from shared.records import Record
from shared.staff import Act

COMPLAINT: Final = "complaint"
"""What is entered where nothing else is said."""


class TakeCorrespondence(
    Call[RequestTaken], service="cases", command=True, refusals=(Conflict,), staff=Act(roles=TAKERS)
):
    """Somebody complains or asks by telephone, mail or post: no form is needed, and it may be anybody.

    `received_at` is when it reached us, whoever enters it when. `external_id` tells it from others: what comes
    twice is one case. Who is no user of ours is named nowhere here: such a case names nobody, and is answered by
    post. What was written is not entered: it stays where it came.
    """

    kind: Annotated[str, OneOf(CASES)]
    about: Annotated[str, OneOf(ABOUT)]
    received_at: datetime
    external_id: Annotated[str, Regexp(EXTERNAL_ID, error="letters, figures and . _ : / -")]
    account_id: UUID | None = None
    user_id: UUID | None = None
    actor: Staff


class OwnCase(Record):
    """What the person of the session has written to us about, and how it stands."""

    case_id: Annotated[UUID, "Also the id of what was written, where that was done here."]
    reference: Annotated[str, "By which we know the case: name it when you ask."]
    kind: Annotated[str, "complaint or enquiry."]
    about: str
    state: Annotated[
        str,
        "received, examined or at_authority; upheld, rejected or withdrawn. Of an enquiry: received; answered, "
        "became (it is dealt with as a request or a complaint now) or withdrawn.",
    ]
    reason: Annotated[str | None, "Why it stands so, as a code; the e-mail about it says it in words."]
    received_at: datetime
    answer_by: Annotated[date, "The last day by which we mean to answer."]
    ended_at: datetime | None
    letter_left_at: Annotated[datetime | None, "When the e-mail about it left."]


class OwnCasesShown(Record):
    """At most a hundred, newest first."""

    cases: tuple[OwnCase, ...]


class OwnCorrespondence(
    InSession, Call[OwnCasesShown], service="cases", refusals=(Unauthenticated,), seconds=OWN_SECONDS
):
    """What the person of the session has complained of or asked, however it came; nobody else sees it."""


class WithdrawOwnCorrespondence(
    InSession,
    Call[OwnCase],
    service="cases",
    refusals=(Unauthenticated, NotFound, Conflict),
    seconds=OWN_SECONDS,
):
    """Whoever wrote takes it back; done again it is done. `NotFound` for a case of anybody else.

    `Conflict` once it has an answer, or while an e-mail about it has not left.
    """

    case_id: UUID
