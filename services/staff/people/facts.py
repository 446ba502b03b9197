"""What the ledger says of the vendor's people, and what that means after a restore: who has left stays away."""

from __future__ import annotations

from services.staff.people import store
from services.staff.people.events import StaffLeft
from services.staff.people.values import PersonState
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class PeopleFacts:
    """Lets those leave again who have left. A code that the backup knows nothing of stays taken."""

    facts = frozenset({kind_of(StaffLeft)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """They have left; nothing is published anew."""
        left = entry.event(StaffLeft)
        store.leave_again(tx, left.staff_code, reason=left.reason, by=entry.actor, at=entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether they have left."""
        person = store.by_code(tx, entry.event(StaffLeft).staff_code)
        return person is not None and person.state is PersonState.LEFT
