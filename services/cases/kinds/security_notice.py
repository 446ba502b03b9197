"""A notice of changed security measures, to the customers that agreed to be told (L61).

Two persons sign that it is sent. It ends once each customer was reached, or a person has settled it.
"""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Party, State, Step
from shared.staff import Role

DRAFT: Final = "draft"
SENDING: Final = "sending"
SEND: Final = "send_security_notice"
SEND_MORE: Final = "send_security_notice_more"
"""That the notice is sent, and another one, as where a restore has lost the first."""
ALL_REACHED: Final = "find_all_reached"
TELL_HOLDERS: Final = "tell_holders"
"""The letters of the notice go to whom the agreements name."""

SECURITY_NOTICE: Final = CaseKind(
    code="security_notice",
    version=1,
    opened_by=("staff",),
    party=Party.PROCESSOR,
    states=(
        State(code=DRAFT, owner=Role.PRIVACY_LEAD, limit=Limit(10, Unit.WORKING_DAYS)),
        State(code=SENDING, owner=Role.PRIVACY_LEAD, limit=Limit(5, Unit.WORKING_DAYS)),
    ),
    ends=("reached", "not_sent"),
    steps=(
        Step(
            code=SEND,
            begins=(DRAFT,),
            leads=SENDING,
            reasons=("risk_changed", "measures_changed"),
            decisive=True,
            two_persons=True,
            effects=(TELL_HOLDERS,),
        ),
        Step(
            code=SEND_MORE,
            begins=(SENDING,),
            leads=SENDING,
            reasons=("risk_changed", "measures_changed"),
            decisive=True,
            two_persons=True,
            effects=(TELL_HOLDERS,),
        ),
        Step(
            code="send_none",
            begins=(DRAFT,),
            leads="not_sent",
            reasons=("no_agreement", "nothing_changed"),
            decisive=True,
        ),
        Step(
            code=ALL_REACHED,
            begins=(SENDING,),
            leads="reached",
            reasons=("each_told", "settled_by_person"),
            decisive=True,
        ),
    ),
    clocks=(),
    kept="file.security_notice",
)
