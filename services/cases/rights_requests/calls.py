"""How requests of persons about data of theirs come in from staff, and how letters that were posted are noted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.account.authentication.calls import InSession
from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from services.cases.intake.calls import EXTERNAL_ID
from services.cases.rights_requests.values import Right
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, NotFound, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import CARERS, Act, Role

TAKERS: Final = (*CARERS, Role.OPERATOR)
"""Any way is good for a request, and whoever takes it enters it."""
OWN_SECONDS: Final = 5.0
"""Account is asked whose the session is."""


class RequestTaken(Record):
    """The case of a request. `is_new` is false where it came twice."""

    case_id: UUID
    reference: str
    is_new: bool


class TakeRightsRequest(
    Call[RequestTaken], service="cases", command=True, refusals=(Conflict,), staff=Act(roles=TAKERS)
):
    """A person asks for something about data of theirs, by telephone, mail or post: no form or reason is needed.

    `received_at` is when it reached us, whoever enters it when. `external_id` tells it from others: what comes
    twice is one case. Who is no user of ours is named nowhere here: such a case names nobody, and is answered by
    post.
    """

    right: Annotated[str, OneOf([each.value for each in Right])]
    received_at: datetime
    external_id: Annotated[str, Regexp(EXTERNAL_ID, error="letters, figures and . _ : / -")]
    account_id: UUID | None = None
    user_id: UUID | None = None
    actor: Staff


class NotePosted(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Say when a letter left that was posted or handed over, because no e-mail reaches whoever asked.

    It is the letter of the decision that is not carried out. What is sent late counts from when it was sent.
    """

    posted_at: datetime


# ── by the person ─────────────────────────────────────────────────────────────────────────────────────────────


class OwnRequest(Record):
    """A request of the person of the session, and how it stands."""

    case_id: UUID
    reference: Annotated[str, "By which we know the request: name it when you ask."]
    right: str
    state: Annotated[
        str, "received, identity (we ask who you are) or working; answered, refused, withdrawn or not_identifiable."
    ]
    reason: Annotated[str | None, "Why it stands so, as a code; the e-mail about it says it in words."]
    received_at: datetime
    answer_by: Annotated[date, "The last day by which we mean to answer."]
    due_on: Annotated[date, "The last day on which an answer is in time by the law."]
    ended_at: datetime | None
    letter_left_at: Annotated[datetime | None, "When the e-mail about it left."]


class OwnRequestTaken(OwnRequest):
    """The request was taken in. `is_new` is false where the same is asked for already, and has no answer yet."""

    is_new: bool


class OwnRequestsShown(Record):
    """At most a hundred, newest first."""

    requests: tuple[OwnRequest, ...]


class MakeOwnRequest(
    InSession, Call[OwnRequestTaken], service="cases", refusals=(Unauthenticated, TooMany), seconds=OWN_SECONDS
):
    """A person asks for something about data of theirs; the session proves who, and no form or reason is needed.

    Asked for again before there is an answer it is the same request. `TooMany` where this user has made very many
    in a day: mail, telephone and post are open all the same.
    """

    right: Annotated[str, OneOf([each.value for each in Right]), "What you ask for (GDPR articles 15 to 22)."]


class OwnRequests(
    InSession, Call[OwnRequestsShown], service="cases", refusals=(Unauthenticated,), seconds=OWN_SECONDS
):
    """The requests of the person of the session, however they came. Nobody of the company sees another's."""


class WithdrawOwnRequest(
    InSession,
    Call[OwnRequest],
    service="cases",
    refusals=(Unauthenticated, NotFound, Conflict),
    seconds=OWN_SECONDS,
):
    """Whoever made a request takes it back; done again it is done. `NotFound` for a request of anybody else.

    `Conflict` once it has an answer, or while an e-mail about it has not left.
    """

    case_id: UUID
