"""How fast letters leave."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from marshmallow.validate import Range

from shared.calls import Call
from shared.records import Record
from shared.staff import WATCHERS, Act, Role

MOST_A_SECOND: Final = 1000
"""Letters; more than any plan of Mailgun's allows is a slip of the hand."""


class CapacityShown(Record):
    """What bounds the sending of letters now, and how many letters are in which state.

    `bound_by` says what, and `rate_is_from` whether the rate is that of the `setting` or of a `command`.
    """

    bound_by: str
    another_process_helps: bool
    letters_per_second: float
    rate_is_from: str
    workers_a_process: int
    paused_until: datetime | None
    due: int
    pending: int
    sending: int
    unclear: int
    parked: int
    oldest_asked_for_at: datetime | None


class Capacity(Call[CapacityShown], service="notification", staff=Act(roles=(*WATCHERS, Role.SUPPORT))):
    """What bounds the sending of letters now, and whether another process would help."""


class RateSet(Record):
    """How many letters may leave a second from now on."""

    letters_per_second: float


class SetRate(Call[RateSet], service="notification", command=True, staff=Act(roles=(Role.OPERATOR,))):
    """Let so many letters leave a second from now on, all processes together; null for what the setting says.

    It counts at once, in every process.
    """

    letters_per_second: Annotated[float, Range(min=0, max=MOST_A_SECOND, min_inclusive=False)] | None
