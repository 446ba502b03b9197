"""For whom the authority may be notified. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.cases.filings.values import COVERS, Filing, Mandate
from shared.errors import Conflict
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD
from shared.terms.rule_registry import enforces

KIND: Final = "breach_processor"
LOOKED_UP_IN: Final = ("telling", "supporting")


def check_state(kind: str, state: str) -> None:
    """Raise `Conflict` in another case, and before it is settled whom it concerns."""
    if kind != KIND or state not in LOOKED_UP_IN:
        raise Conflict("no mandates are looked up now", details={"reason": "other_state"})


@enforces(CONTROLLERS_ARE_TOLD)
def named_in(
    filing: Filing | None, mandates: Iterable[Mandate], *, extent: str, days: Iterable[date]
) -> list[Mandate]:
    """Whom a notice of this extent names: every customer whose mandate covers it and counts on each of these days.

    Raises `Conflict` where nobody has looked, where no mandate covers it, and where one of those is over: then it
    is looked up anew, and who is left out is told with the data that it needs to notify by itself.
    """
    if filing is None or filing.looked_up_at is None or filing.decision_id is not None:
        raise Conflict("mandates were not looked up", details={"reason": "mandates_not_looked_up"})
    covering = [each for each in mandates if each.scope in COVERS[extent]]
    if not covering:
        raise Conflict("no customer gave such a mandate", details={"reason": "mandate_lacking"})
    on = tuple(days)
    over = [each for each in covering if not all(each.counts_on(day) for day in on)]
    if over:
        raise Conflict("a mandate does not count then", details={"reason": "mandate_over", "count": len(over)})
    return covering
