"""What the ledger says of access to databases after a restore: what had ended stays ended, password or none."""

from __future__ import annotations

from services.staff.database_access import store
from services.staff.database_access.events import DatabaseAccessEnded
from services.staff.database_access.values import AccessEnding
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class DatabaseAccessFacts:
    """Ends again what had ended. What the backup knows nothing of is shut by the look at the server.

    An access without a password could else have one set: nothing at the server says that it is over.
    """

    facts = frozenset({kind_of(DatabaseAccessEnded)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """It is over; nothing is published anew."""
        ended = entry.event(DatabaseAccessEnded)
        reason = AccessEnding(ended.reason)
        store.end_again(tx, ended.access_id, reason, by=entry.actor, at=entry.since)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is over."""
        access = store.lock(tx, entry.event(DatabaseAccessEnded).access_id)
        return access is None or access.ended_at is not None
