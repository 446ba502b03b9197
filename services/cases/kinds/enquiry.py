"""A question about data or about rights that asks for nothing to be done (L43), from anybody and by any way.

It is answered within five working days. What turns out to be a request, or a complaint, is one from its receipt on:
the case that follows has the instant at which the question came.
"""

from __future__ import annotations

from typing import Final

from services.cases.kinds.rights_request import PERSON_WITHDREW, WITHDRAW, WITHDRAWN, WRITE_REQUESTER
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

ANSWER_BY: Final = "enquiry.answer"
RECEIVED: Final = "received"
ANSWERED: Final = "answered"
BECAME: Final = "became"
ANSWER: Final = "answer_enquiry"
WRITTEN_IN: Final = ("in_thread", "by_email", "by_post")
"""Where the answer stands: a letter says so."""
SPOKEN: Final = ("by_phone", "in_person")
RIGHTS: Final = (
    "access", "portability", "rectification", "erasure", "restriction", "objection", "automated_decision",
)  # fmt: skip
"""What a person asks for in truth: the request that follows is about that."""

ENQUIRY: Final = CaseKind(
    code="enquiry",
    version=1,
    opened_by=("customer", "staff"),
    party=Party.BY_DATA,
    states=(State(code=RECEIVED, owner=Role.CASE_HANDLER, until=ANSWER_BY),),
    ends=(ANSWERED, BECAME, WITHDRAWN),
    steps=(
        Step(
            code=ANSWER,
            begins=(RECEIVED,),
            leads=ANSWERED,
            reasons=WRITTEN_IN,
            decisive=True,
            answers=ANSWER_BY,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code="answer_by_word",
            begins=(RECEIVED,),
            leads=ANSWERED,
            reasons=SPOKEN,
            decisive=True,
            answers=ANSWER_BY,
        ),
        Step(
            code="become_request",
            begins=(RECEIVED,),
            leads=BECAME,
            reasons=RIGHTS,
            decisive=True,
            opens=("rights_request",),
            says_what_follows=True,
        ),
        Step(
            code="become_complaint",
            begins=(RECEIVED,),
            leads=BECAME,
            reasons=("person_disagrees",),
            decisive=True,
            opens=("complaint",),
        ),
        Step(code=WITHDRAW, begins=(RECEIVED,), leads=WITHDRAWN, reasons=(PERSON_WITHDREW,), decisive=True),
        Step(
            code="reopen",
            begins=(ANSWERED, WITHDRAWN),
            leads=RECEIVED,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(Clock(rule=ANSWER_BY, starts=Moment.RECEIVED_AT, runs_in=(RECEIVED,)),),
    kept="file.enquiry",
)
