"""What is decided about sign-ups. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from shared.errors import Invalid
from shared.terms import enforces
from shared.terms.clauses import collection, protection

SIGN_UP_ABANDONED_AFTER: Final = timedelta(days=14)
SIGN_UPS_WAITING: Final = 3
"""How many sign-ups from one network may wait for the same address; more would only be the same once again."""


@enforces(collection.SIGN_UP_FIELDS)
def check_users_differ(indexes: Sequence[bytes]) -> None:
    """Raises `Invalid` where two users of a sign-up have the same address."""
    if len(set(indexes)) != len(indexes):
        raise Invalid("every user needs an address of their own", details={"users": ["addresses must differ"]})


@enforces(protection.NOT_PASSED_ON)
def may_wait(networks: Sequence[bytes | None], network: bytes) -> bool:
    """Whether a sign-up from `network` may wait for its address beside those from `networks`.

    Counted for each network by itself: a stranger who signs up with somebody's address again and again fills his
    own places only, and never those of the holder, who comes from elsewhere.
    """
    return sum(1 for other in networks if other == network) < SIGN_UPS_WAITING
