"""When the first administrators may still be invited on the machine. Pure."""

from __future__ import annotations

from typing import Final

from shared.errors import Conflict
from shared.terms import enforces
from shared.terms.clauses import protection

ADMINISTRATORS_NEEDED: Final = 2
"""Who can grant somebody something without the machine: one asks, another approves."""


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_open(*, administrators: int, on_their_way: int) -> None:
    """Raise `Conflict` once two administrators live, or while two are on their way.

    `administrators` can grant something now; `on_their_way` have a link that has not ended, or have enrolled and
    not signed yet.
    """
    if administrators >= ADMINISTRATORS_NEEDED:
        raise Conflict(
            "Two administrators live: they invite, at the desk under People or with `vilkar person invite`.",
            details={"reason": "administrators_live"},
        )
    if administrators + on_their_way >= ADMINISTRATORS_NEEDED:
        raise Conflict("Two are on their way: their links end in an hour.", details={"reason": "on_their_way"})
