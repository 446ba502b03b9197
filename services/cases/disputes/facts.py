"""What the ledger says of what is held for disputes: after a restore none ends while it holds something back."""

from __future__ import annotations

from services.cases.disputes import store
from shared.database import Transaction
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind


class DisputeHoldFacts:
    """Makes true again which holds are for a dispute; that they hold is of every service."""

    facts = frozenset({Kind.HOLD_PLACED, Kind.HOLD_RELEASED})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Note the hold or its renewal, or forget it. The case itself may be made true later."""
        hold_id = entry.uuid("hold_id")
        if entry.kind == Kind.HOLD_RELEASED:
            store.forget(tx, hold_id)
        elif "case_id" in entry.data:
            store.note(tx, hold_id, entry.uuid("case_id"), entry.day("review_on"), entry.instant("as_of"))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is noted, or is over; a release, whether it is noted no more."""
        hold_id = entry.uuid("hold_id")
        if entry.kind == Kind.HOLD_RELEASED:
            return not store.is_noted(tx, hold_id)
        return "case_id" not in entry.data or store.is_noted(tx, hold_id) or restricted.is_over(tx, hold_id)
