"""How severe a breach is: scored by a person, computed, and shown beside the EDPB's examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import Length, OneOf

from services.cases.board.calls import SEES
from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from services.cases.severity import values
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Act


class AssessSeverity(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Score how severe a breach is by the method of ENISA: SE = DPC x EI + CB.

    It is a proposal to whoever decides. Another assessment takes its place, and what stood before stays.
    """

    context: Annotated[str, OneOf(tuple(values.CONTEXTS))]
    identification: Annotated[str, OneOf(tuple(values.IDENTIFICATIONS))]
    confidentiality: Annotated[str, OneOf(tuple(values.CONFIDENTIALITY))]
    integrity: Annotated[str, OneOf(tuple(values.INTEGRITY))]
    availability: Annotated[str, OneOf(tuple(values.AVAILABILITY))]
    intent: Annotated[str, OneOf(tuple(values.INTENTS))]
    flags: Annotated[tuple[Annotated[str, OneOf(values.FLAGS)], ...], Length(max=len(values.FLAGS))] = ()


class AssessmentShown(Record):
    """An assessment with what it comes to. `case_id` is the case it was made in: this one, or what it came from.

    `decision_ids` are the decisions about this case that were made while it counted.
    """

    assessment_id: UUID
    case_id: UUID
    context: str
    identification: str
    confidentiality: str
    integrity: str
    availability: str
    intent: str
    flags: tuple[str, ...]
    score: str
    band: str
    assessed_by: str
    assessed_at: datetime
    decision_ids: tuple[UUID, ...]


class ExampleShown(Record):
    """A case of EDPB guidelines 01/2021, and whether the authority and the persons had to be told."""

    number: int
    code: str
    tells_authority: bool
    tells_persons: bool


class SeverityShown(Record):
    """The assessments of a case, the newest first, which counts; and the examples to compare with."""

    assessments: tuple[AssessmentShown, ...]
    examples: tuple[ExampleShown, ...]


class ShowSeverity(Call[SeverityShown], service="cases", refusals=(NotFound,), staff=Act(roles=SEES)):
    """How severe a breach was found."""

    case_id: UUID
