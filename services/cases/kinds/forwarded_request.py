"""A person's request about what a customer has typed: the customer is its controller, and is who answers.

It is passed on within two working days (L176, GDPR article 28(3)(e)), and the person is told who the controller is.
Nothing is disclosed, changed or erased here on the person's word. A controller that stays silent is reminded; then
the person is told so, and where to complain.
"""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.rights_request import PERSON_WITHDREW, WITHDRAW, WITHDRAWN, WRITE_REQUESTER
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

FORWARD_BY: Final = "dsr.forward_to_controller"
RECEIVED: Final = "received"
WITH_CONTROLLER: Final = "with_controller"
REMINDED: Final = "reminded"
FORWARD: Final = "forward_request"
REMIND: Final = "remind_controller"
FIND_SILENT: Final = "find_controller_silent"

FORWARDED_REQUEST: Final = CaseKind(
    code="forwarded_request",
    version=1,
    opened_by=("staff", "customer"),
    party=Party.PROCESSOR,
    states=(
        State(code=RECEIVED, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),
        State(code=WITH_CONTROLLER, owner=Role.CASE_HANDLER, limit=Limit(14, Unit.DAYS)),
        State(code=REMINDED, owner=Role.CASE_HANDLER, limit=Limit(21, Unit.DAYS)),
    ),
    ends=("answered", "controller_silent", WITHDRAWN),
    steps=(
        Step(
            code=FORWARD,
            begins=(RECEIVED,),
            leads=WITH_CONTROLLER,
            reasons=("customer_is_controller",),
            decisive=True,
            answers=FORWARD_BY,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=REMIND,
            begins=(WITH_CONTROLLER,),
            leads=REMINDED,
            reasons=("no_answer_yet",),
            decisive=True,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code="find_controller_answered",
            begins=(WITH_CONTROLLER, REMINDED),
            leads="answered",
            reasons=("controller_says_so", "person_says_so"),
            decisive=True,
        ),
        Step(
            code=FIND_SILENT,
            begins=(REMINDED,),
            leads="controller_silent",
            reasons=("no_answer_came",),
            decisive=True,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=WITHDRAW,
            begins=(RECEIVED, WITH_CONTROLLER, REMINDED),
            leads=WITHDRAWN,
            reasons=(PERSON_WITHDREW,),
            decisive=True,
        ),
        Step(
            code="reopen",
            begins=("answered", "controller_silent", WITHDRAWN),
            leads=RECEIVED,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(Clock(rule=FORWARD_BY, starts=Moment.RECEIVED_AT, runs_in=(RECEIVED,)),),
    kept="file.forwarded_request",
)
