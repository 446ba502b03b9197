"""What staff may correct of a user. Pure."""

from __future__ import annotations

from collections.abc import Collection

from services.account.accounts.values import UserState
from shared.errors import Conflict
from shared.terms import enforces
from shared.terms.clauses.protection import ONLY_YOUR_OWN
from shared.terms.clauses.rights import RIGHT_OF_RECTIFICATION


@enforces(RIGHT_OF_RECTIFICATION, ONLY_YOUR_OWN)
def check_corrected(user: UserState, fields: Collection[str]) -> None:
    """Raise `Conflict` for an address that somebody has proved, or of somebody inactive, who is invited to nothing.

    Name and telephone are corrected whatever state the user is in: as long as something is held it can be wrong.
    """
    if "email" in fields and (user.confirmed or user.has_password or user.state != "active"):
        raise Conflict("whoever uses the address changes it", details={"reason": "address_in_use"})
