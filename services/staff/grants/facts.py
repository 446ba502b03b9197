"""What the ledger says of grants after a restore: what was revoked gives nothing, and who left has none."""

from __future__ import annotations

from services.staff.grants import store
from services.staff.grants.events import GrantRevoked
from services.staff.grants.values import GrantEnding
from services.staff.people.events import StaffLeft
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class GrantFacts:
    """Revokes again what was revoked; one that the backup knows nothing of gives nothing anyway."""

    facts = frozenset({kind_of(GrantRevoked), kind_of(StaffLeft)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """It gives nothing; nothing is published anew."""
        if entry.kind == kind_of(StaffLeft):
            code = entry.event(StaffLeft).staff_code
            store.end_again(tx, GrantEnding.LEFT, entry.since, by=entry.actor, staff_code=code)
        else:
            revoked = entry.event(GrantRevoked)
            reason = GrantEnding(revoked.reason)
            store.end_again(tx, reason, entry.since, by=entry.actor, grant_id=revoked.grant_id)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it gives nothing."""
        if entry.kind == kind_of(StaffLeft):
            row = store.of_code(tx, entry.event(StaffLeft).staff_code)
            return not row or not row["count"]
        grant = store.get(tx, entry.event(GrantRevoked).grant_id)
        return grant is None or grant.ended_at is not None
