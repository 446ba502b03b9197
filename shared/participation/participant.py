"""What a service does of its own when somebody is to be forgotten.

The conversation about it is `feature.py`, what a restore makes true again `replay.py`. Restrictions are remembered
for every service (`shared/privacy/restricted.py`). What a service hands out is declared (`contribution.py`).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from shared.database import Transaction
from shared.participation.values import Erasure, Step


class Participant(Protocol):
    """A service's own part in forgetting. It works in the transaction that it is given."""

    def erase(self, tx: Transaction, erasure: Erasure) -> Step | None:
        """Delete what is not held, and say what that came to; None where `feature.complete` will say so later.

        Doing it twice does no harm. Nobody outside is asked, for a dry run or a replay may be rolled back.
        """
        ...

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether anything of the scope is there that may not outlive an erasure."""
        ...

    def is_empty(self, tx: Transaction) -> bool:
        """Whether the database holds nobody at all: it is new, so it has nothing to forget."""
        ...
