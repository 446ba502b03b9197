"""What a customer's own notice to the authority still lacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.cases.engine.values import CaseFile
from services.cases.kinds.values import Moment
from services.cases.notices.values import Notice

ASKED_OF_NOTICE: Final = {
    "what_happened": "natures",
    "how_it_arose": "causes",
    "relation": "groups",
    "data_types": "data",
    "whereabouts": "whereabouts",
    "records": "records",
    "consequences": "consequences",
    "measures": "measures",
}
ASKED_OF_CASE: Final = {"occurred": Moment.OCCURRED_FROM, "discovered": Moment.DETECTED_AT}
ONLY_THE_CUSTOMER: Final = ("persons_informed",)
"""What the customer does itself."""


def unanswered(file: CaseFile, notices: Sequence[Notice], *, persons: int) -> tuple[str, ...]:
    """What the form asks for and neither the case nor the last notice says, by the names of the form's fields."""
    last = notices[-1]
    lacking = [field for field, moment in ASKED_OF_CASE.items() if moment not in file.moments]
    lacking += [field for field, name in ASKED_OF_NOTICE.items() if getattr(last, name) in (None, ())]
    if not persons or "persons_in_content" in last.groups:
        lacking.append("persons")
    return (*lacking, *ONLY_THE_CUSTOMER)
