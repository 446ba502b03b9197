"""How requests of persons about data of theirs come in from staff, and how letters that were posted are noted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Regexp

from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from services.cases.intake.calls import EXTERNAL_ID
from services.cases.rights_requests.values import Right
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict
from shared.records import Record
from shared.staff import CARERS, Act, Role

TAKERS: Final = (*CARERS, Role.OPERATOR)
"""Any way is good for a request, and whoever takes it enters it."""


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
