"""What the ledger says of undertakings and training after a restore: what was withdrawn counts no more."""

from __future__ import annotations

from services.staff.prerequisites import store
from services.staff.prerequisites.events import PrerequisiteWithdrawn
from services.staff.prerequisites.values import Ending
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class PrerequisiteFacts:
    """Withdraws again what was withdrawn; one that the backup knows nothing of gives nothing anyway."""

    facts = frozenset({kind_of(PrerequisiteWithdrawn)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """It counts no more; nothing is published anew."""
        withdrawn = entry.event(PrerequisiteWithdrawn)
        store.end(tx, withdrawn.prerequisite_id, Ending(withdrawn.reason), entry.since)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it counts no more."""
        prerequisite = store.lock(tx, entry.event(PrerequisiteWithdrawn).prerequisite_id)
        return prerequisite is None or prerequisite.ended_at is not None
