"""How requests of persons about data of theirs come in from staff, and how letters that were posted are noted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.account.authentication.calls import InSession
from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from services.cases.intake.calls import EXTERNAL_ID
from services.cases.rights_requests.values import Concerns, Right
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from shared.records import Record
from shared.staff import CARERS, Act, Role

TAKERS: Final = (*CARERS, Role.OPERATOR)
"""Any way is good for a request, and whoever takes it enters it."""
OWN_SECONDS: Final = 5.0
"""Account is asked whose the session is."""
ACCOUNT_DATA: Final = Concerns.ACCOUNT.value
"""What is asked for where nothing else is said: data that the vendor answers for."""


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
    post. What a customer has typed is asked of that customer: the request is passed on. One letter that asks for
    both is entered twice.
    """

    right: Annotated[str, OneOf([each.value for each in Right])]
    concerns: Annotated[str, OneOf([each.value for each in Concerns])] = ACCOUNT_DATA
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
    concerns: Annotated[str, "account: data that we answer for. content: what your company has typed."]
    state: Annotated[
        str,
        "received, identity (we ask who you are) or working; answered, refused, withdrawn or not_identifiable. Of "
        "content: received, with_controller or reminded; answered, controller_silent or withdrawn.",
    ]
    reason: Annotated[str | None, "Why it stands so, as a code; the e-mail about it says it in words."]
    received_at: datetime
    answer_by: Annotated[date, "The last day by which we mean to answer, or to pass it on."]
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
    concerns: Annotated[
        str,
        OneOf([each.value for each in Concerns]),
        "What it is about: `account` is what we answer for, as your user account and log-ins; `content` is what "
        "your company has typed, and it is passed on to the company.",
    ] = ACCOUNT_DATA


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


class ForwardedRequest(Record):
    """A request of a user about what the company has typed: the company is its controller, and answers it."""

    case_id: UUID
    reference: str
    user_id: Annotated[UUID, "Who asks; the list of users says who that is."]
    right: str
    state: Annotated[str, "with_controller or reminded; answered or controller_silent once it has ended."]
    received_at: Annotated[datetime, "When it reached us."]
    ended_at: datetime | None


class ForwardedRequestsShown(Record):
    """At most a hundred, newest first."""

    requests: tuple[ForwardedRequest, ...]


class ForwardedRequests(
    InSession,
    Call[ForwardedRequestsShown],
    service="cases",
    refusals=(Unauthenticated, Forbidden),
    seconds=OWN_SECONDS,
):
    """What was passed on to the company of the session; for an owner, who answers for the company."""
