"""A draft of the notice to the authority about a breach."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.cases.board.calls import SEES
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.records import Record
from shared.staff import Act


class AnswerShown(Record):
    """What the case says to one thing; nothing in it where it says nothing to it.

    `text` is what the installation says of itself. `answered_in` is where in the case it is answered, and
    `answered_by` are the roles of staff who can; there are none where the customer alone knows it. `is_asked` is
    false for what does not arise, such as why it comes late.
    """

    field: str
    codes: tuple[str, ...]
    instants: tuple[datetime, ...]
    number: int | None
    text: str | None
    is_asked: bool
    is_answered: bool
    is_lacking: bool
    answered_in: str
    answered_by: tuple[str, ...]


class QuestionShown(Record):
    """A question of the authority's form."""

    question: str
    answers: tuple[AnswerShown, ...]


class AuthorityDraftShown(Record):
    """The form as far as the case fills it in; `unanswered` names what somebody has to answer yet.

    `form` and `read_on` say by which form it is asked, and of which day. `phase` is `first` or `follow_up`, which
    goes into the same case at the authority; `is_owed` where the last notice promised more. `due` is until when it
    is in time. `mandates` counts the customers in whose name it is sent, and then it counts them and their persons
    alone; null where we are controller, and where no mandates were looked up.
    """

    reference: str
    form: str
    read_on: date
    phase: str
    is_owed: bool
    due: datetime | None
    mandates: int | None
    questions: tuple[QuestionShown, ...]
    unanswered: tuple[str, ...]


class AuthorityDraft(
    Call[AuthorityDraftShown], service="cases", refusals=(NotFound, Conflict), staff=Act(roles=SEES)
):
    """A draft of the notice to the authority about a breach (GDPR article 33(3)). It names nobody.

    `Conflict` for a case that is no breach. Nothing is sent: a person enters it at Altinn.
    """

    case_id: UUID
