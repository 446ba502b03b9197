"""A nonconformity: something is not as agreed, as a customer reports it or staff see it (L68, L178).

Whoever reported gets a receipt at once, and at the end what was found and how it was mended. What has to do with
personal data gone astray is taken further, as an incident, or it is decided that it was no breach.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.incident import NO_BREACH_REASONS
from services.cases.kinds.values import CaseKind, Party, State, Step
from shared.staff import Role

RECEIVED: Final = "received"
EXAMINED: Final = "examined"
MENDING: Final = "mending"
OPEN: Final = (RECEIVED, EXAMINED, MENDING)
ANSWER_CUSTOMER: Final = "answer_customer"
"""The customers whom it is about are told how it ended, by letter."""
ACCESS_WITHDRAWN: Final = "access_withdrawn"
CORRECTED_BY: Final = ("fault_mended", "data_put_right", ACCESS_WITHDRAWN, "routine_changed")
REJECTED_FOR: Final = ("as_agreed", "not_found", "not_ours")
PROMOTED_FOR: Final = ("personal_data_concerned", "needs_investigation")
ANSWERS: Final = (*CORRECTED_BY, *REJECTED_FOR, *PROMOTED_FOR)
"""The reasons with which it ends: what the letter says of it."""
FIND_CORRECTED: Final = "find_corrected"
REJECT: Final = "reject"
REOPEN: Final = "reopen"
DECIDE_NO_BREACH: Final = "decide_no_breach"

NONCONFORMITY: Final = CaseKind(
    code="nonconformity",
    version=1,
    opened_by=("customer", "staff"),
    party=Party.BY_DATA,
    states=(
        State(code=RECEIVED, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),
        State(code=EXAMINED, owner=Role.CASE_HANDLER, limit=Limit(5, Unit.WORKING_DAYS)),
        State(code=MENDING, owner=Role.CASE_HANDLER, limit=Limit(7, Unit.DAYS)),
    ),
    ends=("corrected", "rejected", "promoted"),
    steps=(
        Step(code="examine", begins=(RECEIVED,), leads=EXAMINED, reasons=("looked_at",)),
        Step(code="mend", begins=(EXAMINED,), leads=MENDING, reasons=("cause_known",)),
        Step(
            code=FIND_CORRECTED,
            begins=(EXAMINED, MENDING),
            leads="corrected",
            reasons=CORRECTED_BY,
            decisive=True,
            effects=(ANSWER_CUSTOMER,),
        ),
        Step(
            code=REJECT,
            begins=(EXAMINED, MENDING),
            leads="rejected",
            reasons=REJECTED_FOR,
            decisive=True,
            effects=(ANSWER_CUSTOMER,),
        ),
        Step(
            code="promote",
            begins=OPEN,
            leads="promoted",
            reasons=PROMOTED_FOR,
            decisive=True,
            opens=("incident",),
            effects=(ANSWER_CUSTOMER,),
        ),
        Step(
            code=REOPEN, begins=("corrected", "rejected"), leads=EXAMINED, reasons=("new_facts", "judged_wrongly")
        ),
    ),
    clocks=(),
    kept="file.nonconformity",
)

# ── the second version: what may be a breach is not closed before it is decided that it was none ──────────────────

NONCONFORMITY_2: Final = replace(
    NONCONFORMITY,
    version=2,
    steps=(
        *NONCONFORMITY.steps,
        Step(
            code=DECIDE_NO_BREACH,
            begins=(EXAMINED, MENDING),
            leads=EXAMINED,
            reasons=NO_BREACH_REASONS,
            decisive=True,
        ),
    ),
)
