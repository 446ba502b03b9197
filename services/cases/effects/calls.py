"""How a person has something tried again that was decided and could not be carried out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from marshmallow.validate import OneOf

from services.cases.decisions.calls import HANDLERS, REFUSALS
from services.cases.kinds.table import EFFECTS
from shared.calls import Call
from shared.records import Record
from shared.staff import Act


class EffectRetried(Record):
    """It is tried again from now on."""

    case_id: UUID


class RetryEffect(Call[EffectRetried], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)):
    """Have carried out what was decided and given up after too many tries, now that its cause is gone."""

    case_id: UUID
    decision_id: UUID
    effect: Annotated[str, OneOf(EFFECTS)]
