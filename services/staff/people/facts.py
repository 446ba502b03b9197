"""What the ledger says of the vendor's people, and what that means after a restore: who has left stays away."""

from __future__ import annotations

from services.staff.passkeys.events import PasskeyEnrolled
from services.staff.people import store
from services.staff.people.events import StaffLeft
from services.staff.people.values import PersonState
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class PeopleFacts:
    """Lets those leave again who have left. A code that the backup knows nothing of stays taken.

    A link that has enrolled a passkey enrols no other one.
    """

    facts = frozenset({kind_of(StaffLeft), kind_of(PasskeyEnrolled)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """They have left, or come; nothing is published anew."""
        if entry.kind == kind_of(PasskeyEnrolled):
            store.drop_links_until(tx, entry.event(PasskeyEnrolled).staff_code, entry.since)
            return
        left = entry.event(StaffLeft)
        store.leave_again(tx, left.staff_code, reason=left.reason, by=entry.actor, at=entry.since)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether they have left, or no link is left by which they came."""
        if entry.kind == kind_of(PasskeyEnrolled):
            return not store.is_link_of(tx, entry.event(PasskeyEnrolled).staff_code, entry.since)
        person = store.by_code(tx, entry.event(StaffLeft).staff_code)
        return person is not None and person.state is PersonState.LEFT
