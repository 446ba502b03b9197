"""What the ledger says of the machine's doors after a restore: that they were used, and that two persons saw it."""

from __future__ import annotations

from uuid import UUID

from services.staff.machine_doors import store
from services.staff.machine_doors.events import MachineDoorCountersigned, MachineDoorUsed
from services.staff.machine_doors.values import DoorUse
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class MachineDoorFacts:
    """Keeps each use again, and who has countersigned it. What a restore loses would else be seen by nobody.

    That it was countersigned may be told first: then it was used before that.
    """

    facts = frozenset(map(kind_of, (MachineDoorUsed, MachineDoorCountersigned)))

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """It was used, or seen; nothing is published anew."""
        if entry.kind == kind_of(MachineDoorUsed):
            used = entry.event(MachineDoorUsed)
            store.add_again(tx, DoorUse(id=used.use_id, door=used.door, used_at=entry.since))
            return
        seen = entry.event(MachineDoorCountersigned)
        store.add_again(tx, DoorUse(id=seen.use_id, door=seen.door, used_at=entry.since))
        store.countersign(tx, seen.use_id, seen.approval_id, entry.since)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is known. One that is forgotten by now was seen three years ago."""
        use = store.lock(tx, UUID(entry.text("use_id")))
        if entry.kind == kind_of(MachineDoorUsed):
            return use is not None
        return use is None or use.countersigned_at is not None
