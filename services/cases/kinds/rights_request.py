"""A request of a person about data of theirs, of which the vendor is controller (GDPR articles 15 to 22).

It is answered within a month of its receipt, whichever way it came (L33 to L43). A refusal, also one of a part, is
signed by two persons and says why, and where to complain. Whoever is asked who they are is so on reasonable doubt,
by the least means.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Moment, Party, RequestClock, State, Step
from shared.staff import Role

DEADLINE: Final = "dsr.deadline"
RECEIVED: Final = "received"
IDENTITY: Final = "identity"
WORKING: Final = "working"
OPEN: Final = (RECEIVED, IDENTITY, WORKING)
BEGIN: Final = "begin_answer"
IDENTITY_KNOWN: Final = "identity_known"
ASK_IDENTITY: Final = "ask_identity"
EXTEND: Final = "extend"
ANSWER: Final = "answer_request"
ANSWER_IN_PART: Final = "answer_in_part"
REFUSE: Final = "refuse_request"
WITHDRAW: Final = "withdraw_request"
WITHDRAWN: Final = "withdrawn"
PERSON_WITHDREW: Final = "person_withdrew"
WRITE_REQUESTER: Final = "write_requester"
"""Whoever asked is written to: by e-mail, or by a letter that a person posts."""
DOUBTS: Final = ("sender_not_known", "asked_by_agent")
EXTENDED_FOR: Final = ("complex_request", "many_requests")
ANSWERED_WITH: Final = ("done", "nothing_held")
KEPT_FOR: Final = ("kept_by_law", "legal_claims", "rights_of_others", "internal_preparation")
"""Grounds on which a part is not done, or all of it."""
REFUSED_FOR: Final = ("no_ground_for_it", "compelling_grounds", *KEPT_FOR, "manifestly_unfounded", "excessive")
NOT_IDENTIFIED: Final = ("no_proof_came", "not_the_person", "cannot_be_tied")

RIGHTS_REQUEST: Final = CaseKind(
    code="rights_request",
    version=1,
    opened_by=("staff", "customer"),
    party=Party.CONTROLLER,
    states=(
        State(code=RECEIVED, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),
        State(code=IDENTITY, owner=Role.CASE_HANDLER, limit=Limit(14, Unit.DAYS)),
        State(code=WORKING, owner=Role.CASE_HANDLER, until=DEADLINE),
    ),
    ends=("answered", "refused", "withdrawn", "not_identifiable"),
    steps=(
        Step(code=BEGIN, begins=(RECEIVED,), leads=WORKING, reasons=(IDENTITY_KNOWN,)),
        Step(
            code=ASK_IDENTITY,
            begins=(RECEIVED,),
            leads=IDENTITY,
            reasons=DOUBTS,
            decisive=True,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code="find_identified",
            begins=(IDENTITY,),
            leads=WORKING,
            reasons=("by_login", "by_registered_address", "by_call_back", "by_written_authority"),
            needs=(Moment.IDENTIFIED_AT,),
        ),
        Step(
            code=EXTEND,
            begins=(WORKING,),
            leads=WORKING,
            reasons=EXTENDED_FOR,
            decisive=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=ANSWER,
            begins=(WORKING,),
            leads="answered",
            reasons=ANSWERED_WITH,
            decisive=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=ANSWER_IN_PART,
            begins=(WORKING,),
            leads="answered",
            reasons=KEPT_FOR,
            decisive=True,
            two_persons=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=REFUSE,
            begins=(WORKING,),
            leads="refused",
            reasons=REFUSED_FOR,
            decisive=True,
            two_persons=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code="find_not_identifiable",
            begins=(IDENTITY,),
            leads="not_identifiable",
            reasons=NOT_IDENTIFIED,
            decisive=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(code=WITHDRAW, begins=OPEN, leads=WITHDRAWN, reasons=(PERSON_WITHDREW,), decisive=True),
        Step(
            code="reopen",
            begins=("answered", "refused", "withdrawn", "not_identifiable"),
            leads=WORKING,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(
        RequestClock(
            rule=DEADLINE,
            starts=Moment.RECEIVED_AT,
            runs_in=OPEN,
            asking=IDENTITY,
            asks=ASK_IDENTITY,
            extends=EXTEND,
            extended="dsr.extension_total",
        ),
    ),
    kept="file.rights_request",
)

# ── the second version: a fee, and an erasure, are decided by two persons ─────────────────────────────────────────

FEE: Final = "charge_fee"
ERASED: Final = "answer_erasure"
FEE_FOR: Final = ("manifestly_unfounded", "excessive", "further_copies")
FEE_NOT_PAID: Final = "fee_not_paid"

RIGHTS_REQUEST_2: Final = replace(
    RIGHTS_REQUEST,
    version=2,
    opened_by=(*RIGHTS_REQUEST.opened_by, "enquiry"),
    steps=(
        *(
            replace(each, reasons=(*each.reasons, FEE_NOT_PAID)) if each.code == REFUSE else each
            for each in RIGHTS_REQUEST.steps
        ),
        Step(
            code=FEE,
            begins=(WORKING,),
            leads=WORKING,
            reasons=FEE_FOR,
            decisive=True,
            two_persons=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
        Step(
            code=ERASED,
            begins=(WORKING,),
            leads="answered",
            reasons=("done",),
            decisive=True,
            two_persons=True,
            answers=DEADLINE,
            effects=(WRITE_REQUESTER,),
        ),
    ),
)
