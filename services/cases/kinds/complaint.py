"""A complaint about how the vendor handles data: of a person, of a customer, or of anybody else (L41).

It is examined within a month of its receipt, whichever way it came. Two persons sign that it is rejected, and the
answer says why, and that the authority can be asked. Who turns to the authority is still to be answered.
"""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.rights_request import PERSON_WITHDREW, WITHDRAW, WITHDRAWN, WRITE_REQUESTER
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

ANSWER_BY: Final = "complaint.answer"
RECEIVED: Final = "received"
EXAMINED: Final = "examined"
AT_AUTHORITY: Final = "at_authority"
OPEN: Final = (RECEIVED, EXAMINED, AT_AUTHORITY)
UPHOLD: Final = "uphold_complaint"
REJECT: Final = "reject_complaint"
AUTHORITY_DECIDED: Final = "authority_decided_so"
UPHELD_FOR: Final = ("data_put_right", "use_stopped", "request_met", "routine_changed", AUTHORITY_DECIDED)
REJECTED_FOR: Final = ("as_promised", "law_allows_it", "not_found", "not_ours", AUTHORITY_DECIDED)

COMPLAINT: Final = CaseKind(
    code="complaint",
    version=1,
    opened_by=("customer", "staff", "enquiry"),
    party=Party.CONTROLLER,
    states=(
        State(code=RECEIVED, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),
        State(code=EXAMINED, owner=Role.CASE_HANDLER, until=ANSWER_BY),
        State(code=AT_AUTHORITY, owner=Role.PRIVACY_LEAD, limit=Limit(90, Unit.DAYS)),
    ),
    ends=("upheld", "rejected", WITHDRAWN),
    steps=(
        Step(code="examine", begins=(RECEIVED,), leads=EXAMINED, reasons=("looked_at",)),
        Step(
            code=UPHOLD,
            begins=(EXAMINED, AT_AUTHORITY),
            leads="upheld",
            reasons=UPHELD_FOR,
            decisive=True,
            answers=ANSWER_BY,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=REJECT,
            begins=(EXAMINED, AT_AUTHORITY),
            leads="rejected",
            reasons=REJECTED_FOR,
            decisive=True,
            two_persons=True,
            answers=ANSWER_BY,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code="find_at_authority",
            begins=(RECEIVED, EXAMINED, "upheld", "rejected"),
            leads=AT_AUTHORITY,
            reasons=("person_says_so", "authority_says_so"),
            decisive=True,
        ),
        Step(code=WITHDRAW, begins=OPEN, leads=WITHDRAWN, reasons=(PERSON_WITHDREW,), decisive=True),
        Step(
            code="reopen",
            begins=("upheld", "rejected", WITHDRAWN),
            leads=EXAMINED,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(Clock(rule=ANSWER_BY, starts=Moment.RECEIVED_AT, runs_in=OPEN, done_by=(UPHOLD, REJECT)),),
    kept="file.complaint",
)
