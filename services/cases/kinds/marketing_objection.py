"""A person wants no marketing (GDPR article 21(2) and (3), L25 to L28). There is nothing to weigh.

It counts from its receipt, and is in force before the case is opened. What is left is that the person is told so:
by the letter that confirms it, and where no e-mail arrives by somebody of the staff.
"""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Party, State, Step
from shared.staff import Role

EFFECTIVE: Final = "effective"
CONFIRM: Final = "confirm_objection"
LETTER_LEFT: Final = "letter_left"

MARKETING_OBJECTION: Final = CaseKind(
    code="marketing_objection",
    version=1,
    opened_by=("customer", "staff"),
    party=Party.CONTROLLER,
    states=(State(code=EFFECTIVE, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),),
    ends=("closed",),
    steps=(
        Step(
            code=CONFIRM,
            begins=(EFFECTIVE,),
            leads="closed",
            reasons=(LETTER_LEFT, "by_phone", "by_post", "in_person", "no_contact_left"),
            decisive=True,
        ),
        Step(
            code="reopen",
            begins=("closed",),
            leads=EFFECTIVE,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(),
    kept="file.rights_request",
)
