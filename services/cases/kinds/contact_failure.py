"""A contact failure: a letter that the law asks for reached nobody, so a person tells it another way."""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Party, State, Step
from shared.staff import Role

OPEN: Final = "open"
OTHER_WAY: Final = "other_way"
REACHED: Final = "find_reached"

CONTACT_FAILURE: Final = CaseKind(
    code="contact_failure",
    version=1,
    opened_by=("letter",),
    party=Party.BY_DATA,
    states=(
        State(code=OPEN, owner=Role.CASE_HANDLER, limit=Limit(2, Unit.WORKING_DAYS)),
        State(code=OTHER_WAY, owner=Role.CASE_HANDLER, limit=Limit(5, Unit.WORKING_DAYS)),
    ),
    ends=("reached", "unreachable"),
    steps=(
        Step(
            code="try_other_way",
            begins=(OPEN,),
            leads=OTHER_WAY,
            reasons=("by_phone", "by_post", "in_person"),
        ),
        Step(
            code=REACHED,
            begins=(OPEN, OTHER_WAY),
            leads="reached",
            reasons=("by_phone", "by_post", "in_person"),
            decisive=True,
        ),
        Step(
            code="find_unreachable",
            begins=(OTHER_WAY,),
            leads="unreachable",
            reasons=("tried_in_vain", "no_contact_left"),
            decisive=True,
        ),
        Step(
            code="reopen",
            begins=("unreachable",),
            leads=OPEN,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(),
    kept="file.contact_failure",
)
