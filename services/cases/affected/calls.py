"""Whom a breach concerns, as staff have it computed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from marshmallow.validate import OneOf

from services.cases.affected.values import Scope
from services.cases.decisions.calls import HANDLERS, REFUSALS, CaseChanged, OfCase
from shared.calls import Call
from shared.staff import Act

SCOPES: Final = tuple(each.value for each in Scope)


class ComputeAffected(
    OfCase, Call[CaseChanged], service="cases", command=True, refusals=REFUSALS, staff=Act(roles=HANDLERS)
):
    """Have it computed which customers and how many persons a breach concerns, from what stands in the tables.

    Whom a notice of changed security measures goes to is `agreements`, and nothing else is; those count that day.
    `as_of` is the instant of the breach: whoever came later is not concerned. Who was erased between then and now
    is not known any more, and not on the list. A window belongs to `logins` alone. Every customer has data of every
    category that this system holds, so a category or a service narrows nothing. The list can be computed again
    until a decision rests on it.
    """

    scope: Annotated[str, OneOf(SCOPES)]
    as_of: datetime
    window_from: datetime | None = None
    window_to: datetime | None = None
