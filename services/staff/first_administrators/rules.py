"""When the first administrators may still be invited on the machine. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.staff.grants.values import ADMINISTRATORS_NEEDED
from shared.errors import Conflict
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.wait_bounds import noted_by

SIGN_WITHIN: Final = timedelta(hours=1)
"""So long somebody who has enrolled and not signed keeps a place: as long as their link did."""


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_open(*, administrators: int, on_their_way: int) -> None:
    """Raise `Conflict` once there are two administrators, or while two are on their way.

    `administrators` can grant something now; `on_their_way` have a link that has not ended, or have enrolled within
    the hour and not signed yet.
    """
    if administrators >= ADMINISTRATORS_NEEDED:
        raise Conflict(
            "There are two administrators already: they invite, at the desk under People.",
            details={"reason": "administrators_live"},
        )
    if administrators + on_their_way >= ADMINISTRATORS_NEEDED:
        raise Conflict(
            "Two are on their way: each has an hour to come, and an hour to sign.",
            details={"reason": "on_their_way"},
        )


def is_signing(activated_at: datetime | None, now: datetime) -> bool:
    """Whether somebody who has enrolled, and can do nothing yet, is still waited for."""
    return activated_at is not None and noted_by(activated_at, now) and now < activated_at + SIGN_WITHIN
