"""For whom the authority may be notified. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.cases.filings.values import COVERS, FIRST, Filing, Mandate
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
    filing: Filing | None,
    mandates: Iterable[Mandate],
    *,
    extent: str,
    days: Iterable[date],
    given: Iterable[str | None] = (),
) -> list[Mandate]:
    """Whom a notice of this extent names: every customer whose mandate covers it and counts on each of these days.

    Raises `Conflict` where nobody has looked, where no mandate covers it, where one of those is over (then it is
    looked up anew, and who is left out is told with the data that it needs to notify by itself), and for a full one
    before the first, `given` by then, where a mandate covers the first alone: that one keeps the time.
    """
    if filing is None or filing.looked_up_at is None or filing.decision_id is not None:
        raise Conflict("mandates were not looked up", details={"reason": "mandates_not_looked_up"})
    known, on = list(mandates), tuple(days)
    covering = [each for each in known if each.scope in COVERS[extent]]
    if not covering:
        raise Conflict("no customer gave such a mandate", details={"reason": "mandate_lacking"})
    over = [each for each in covering if not all(each.counts_on(day) for day in on)]
    if over:
        raise Conflict("a mandate does not count then", details={"reason": "mandate_over", "count": len(over)})
    beside = [each for each in known if each.scope not in COVERS[extent] and all(map(each.counts_on, on))]
    if beside and FIRST not in given:
        raise Conflict("the first notice comes first", details={"reason": "first_notice_lacking"})
    return covering
