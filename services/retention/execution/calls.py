"""What retention answers about erasures that a person has looked at."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from marshmallow.validate import Length

from shared.calls import Call
from shared.errors import Conflict
from shared.records import Record
from shared.staff import Act, Role


class Released(Record):
    """How many go on; their eligibility is judged again all the same."""

    released: int


class Release(
    Call[Released],
    service="retention",
    command=True,
    refusals=(Conflict,),
    staff=Act(roles=(Role.OPERATOR, Role.PRIVACY_LEAD), two_persons=True),
):
    """Two persons have looked at halted erasures and let them go on. `Conflict` where none of them is halted."""

    erasure_ids: Annotated[tuple[UUID, ...], Length(min=1, max=1000)]
