"""What the ledger says of recovery codes after a restore: what was used, burnt or replaced works no more."""

from __future__ import annotations

from services.staff.people.events import StaffLeft
from services.staff.recovery import store
from services.staff.recovery.events import RecoveryCodesBurnt, RecoveryCodesMade, RecoveryCodeUsed
from services.staff.recovery.values import OfCodes
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class RecoveryFacts:
    """Deletes again what works no more. Codes that the backup knows nothing of do not work either.

    A service that runs reads facts too, a moment late: what was made meanwhile stays.
    """

    facts = frozenset(map(kind_of, (RecoveryCodesMade, RecoveryCodeUsed, RecoveryCodesBurnt, StaffLeft)))

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make it so again; nothing is published anew."""
        store.drop(tx, _over(entry))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing works that the fact has ended."""
        return not store.is_any(tx, _over(entry))


def _over(entry: Entry) -> OfCodes:
    """Which codes the fact has ended."""
    if entry.kind == kind_of(RecoveryCodesMade):
        made = entry.event(RecoveryCodesMade)
        return OfCodes(staff_code=made.staff_code, but_set=made.set_id, made_by=entry.since)
    if entry.kind == kind_of(RecoveryCodeUsed):
        return OfCodes(code_id=entry.event(RecoveryCodeUsed).code_id)
    if entry.kind == kind_of(RecoveryCodesBurnt):
        return OfCodes(set_id=entry.event(RecoveryCodesBurnt).set_id)
    return OfCodes(staff_code=entry.event(StaffLeft).staff_code)
