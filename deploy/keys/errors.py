"""What can go wrong with the exchange of the key-encryption key."""

from __future__ import annotations

from shared.errors import Refused, VilkarError


class KeysRefused(Refused):
    """Nothing was changed, and something has to be put right first."""

    code = "keys_refused"


class RotationStuck(VilkarError):
    """The exchange could not be brought to its end; both keys stay in use and it can be run again."""
