"""When what a customer reported may be closed: not before somebody has decided whether it was a breach. Pure."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from services.cases.engine.values import ASTRAY, CaseFile, Signal
from services.cases.kinds.nonconformity import (
    ACCESS_WITHDRAWN,
    DECIDE_NO_BREACH,
    FIND_CORRECTED,
    NONCONFORMITY,
    REJECT,
    REOPEN,
)
from shared.errors import Conflict
from shared.terms.clauses.incidents import INCIDENTS_ARE_KEPT
from shared.terms.rule_registry import enforces

CLOSING: Final = (FIND_CORRECTED, REJECT)
SAYS_BREACH: Final = frozenset({*ASTRAY, Signal.LOGIN_SUCCESS.value})
"""What a report is about that may be a breach of personal data (GDPR article 4(12))."""


@enforces(INCIDENTS_ARE_KEPT)
def check_closing(file: CaseFile) -> None:
    """Raise `Conflict` where the last decision closes what may be a breach and nobody has decided that it was none.

    It may be one by what was reported, or by how it was mended: access is withdrawn of who should not have had it.
    Every breach is documented (GDPR article 33(5)), and it is an incident that documents one. What was decided
    before the case was reopened does not count: there are new facts.
    """
    *before, last = file.decisions
    if file.case.kind != NONCONFORMITY.code or last.step not in CLOSING:
        return
    if file.case.signal not in SAYS_BREACH and last.reason != ACCESS_WITHDRAWN:
        return
    since = takewhile(lambda each: each.step != REOPEN, reversed(before))
    if not any(each.step == DECIDE_NO_BREACH for each in since):
        raise Conflict("decide first that it was no breach", details={"reason": "breach_not_decided"})
