"""For which dispute something may be held back, and until when. Pure."""

from __future__ import annotations

from services.cases.engine.values import Case
from services.cases.kinds.dispute import DISPUTE
from shared.errors import Conflict, NotFound
from shared.terms.clauses.monitoring import DISAGREEMENT_IS_TALKED_ABOUT
from shared.terms.rule_registry import enforces


@enforces(DISAGREEMENT_IS_TALKED_ABOUT)
def check_may_hold(case: Case | None) -> Case:
    """The dispute for which something may be held. Raises `NotFound` for none, and `Conflict` once it has ended."""
    if case is None or case.kind != DISPUTE.code:
        raise NotFound("no dispute with this customer is called so")
    if case.ended_at is not None:
        raise Conflict("the dispute has ended", details={"reason": "dispute_ended"})
    return case


@enforces(DISAGREEMENT_IS_TALKED_ABOUT)
def check_ending(after: Case, holds: int) -> None:
    """Raise `Conflict` where a dispute would end and still hold something back: a person releases that first."""
    if after.kind == DISPUTE.code and after.ended_at is not None and holds:
        raise Conflict("release what is held for the dispute first", details={"reason": "hold_stands"})
