"""What a severity comes to. Pure.

It proposes and never decides: no step of any kind asks for it, and no level of risk follows from it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from services.cases.engine.values import Case
from services.cases.severity.values import (
    AVAILABILITY,
    CONFIDENTIALITY,
    CONTEXTS,
    IDENTIFICATIONS,
    INTEGRITY,
    INTENTS,
    Assessment,
    Band,
)
from shared.errors import Conflict
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD
from shared.terms.rule_registry import enforces

ASSESSED_IN: Final = ("incident", "breach_controller", "breach_processor")
BANDS: Final = ((8, Band.LOW), (12, Band.MEDIUM), (16, Band.HIGH))
"""Below so many quarters it is called this; from the last one on it is very high."""


@enforces(CONTROLLERS_ARE_TOLD)
def quarters(assessment: Assessment) -> int:
    """SE = DPC x EI + CB, in quarters: from one to twenty-four."""
    circumstances = (
        CONFIDENTIALITY[assessment.confidentiality]
        + INTEGRITY[assessment.integrity]
        + AVAILABILITY[assessment.availability]
        + INTENTS[assessment.intent]
    )
    return CONTEXTS[assessment.context] * IDENTIFICATIONS[assessment.identification] + circumstances


def band_of(score: int) -> Band:
    """What a score in quarters is called."""
    return next((band for below, band in BANDS if score < below), Band.VERY_HIGH)


def written(score: int) -> str:
    """A score in quarters as it is written: `2.75`."""
    return f"{float(Fraction(score, 4)):.2f}"


def check_case(case: Case) -> None:
    """Raise `Conflict` for a case whose severity nobody asks for."""
    if case.kind not in ASSESSED_IN:
        raise Conflict("the case is no incident and no breach", details={"reason": "other_kind"})
