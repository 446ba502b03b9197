"""What is told of how severe a person finds a breach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import CaseFact
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class CaseSeverityAssessed(CaseFact):
    """A person has scored how severe a breach is, by the method of ENISA. A score decides nothing."""

    type: ClassVar[str] = "case.severity_assessed"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    assessment_id: UUID
    context: Code
    identification: Code
    confidentiality: Code
    integrity: Code
    availability: Code
    intent: Code
    flags: list[Code]
