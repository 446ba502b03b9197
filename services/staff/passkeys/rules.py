"""How many passkeys there may be, and which may be given up. Pure."""

from __future__ import annotations

from services.staff.authentication.rules import PASSKEYS_MOST
from shared.errors import Conflict


def check_room(passkeys: int) -> None:
    """Raise `Conflict` where a person has as many keys as one may have."""
    if passkeys >= PASSKEYS_MOST:
        raise Conflict(f"a person has at most {PASSKEYS_MOST} passkeys", details={"reason": "too_many_keys"})


def check_not_last(passkeys: int) -> None:
    """Raise `Conflict` where nothing would be left to log in with."""
    if passkeys <= 1:
        raise Conflict("enrol another passkey before you revoke the last one", details={"reason": "last_key"})
