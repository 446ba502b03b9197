"""A dispute: the vendor and a customer disagree, whichever of them says so, and talk about it (L162).

While it lasts it may hold back an erasure; it ends once that hold is released, and the customer hears how.
"""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.nonconformity import ANSWER_CUSTOMER
from services.cases.kinds.values import CaseKind, Party, State, Step
from shared.staff import Role

OPENED: Final = "opened"
DIALOGUE: Final = "dialogue"
OPEN: Final = (OPENED, DIALOGUE)
BY: Final = ("by_phone", "by_email", "in_person", "by_post")
"""How the customer was talked to."""
SETTLED_BY: Final = ("agreed", "misunderstanding", "we_gave_in", "decided_elsewhere")
WITHDRAWN_BY: Final = ("customer_withdrew", "we_withdrew")
OUTCOMES: Final = (*SETTLED_BY, *WITHDRAWN_BY)
"""The reasons with which it ends: what the letter says of it."""

DISPUTE: Final = CaseKind(
    code="dispute",
    version=1,
    opened_by=("staff", "customer"),
    party=Party.CONTROLLER,
    states=(
        State(code=OPENED, owner=Role.CASE_HANDLER, limit=Limit(5, Unit.WORKING_DAYS)),
        State(code=DIALOGUE, owner=Role.CASE_HANDLER, limit=Limit(30, Unit.DAYS)),
    ),
    ends=("settled", "withdrawn"),
    steps=(
        Step(code="begin_dialogue", begins=(OPENED,), leads=DIALOGUE, reasons=BY),
        Step(
            code="settle",
            begins=OPEN,
            leads="settled",
            reasons=SETTLED_BY,
            decisive=True,
            effects=(ANSWER_CUSTOMER,),
        ),
        Step(
            code="withdraw_dispute",
            begins=OPEN,
            leads="withdrawn",
            reasons=WITHDRAWN_BY,
            decisive=True,
            effects=(ANSWER_CUSTOMER,),
        ),
        Step(
            code="reopen",
            begins=("settled", "withdrawn"),
            leads=DIALOGUE,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(),
    kept="file.dispute",
)
