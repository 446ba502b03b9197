"""What the ledger says of approvals: what a restore brings back is void."""

from __future__ import annotations

from uuid import UUID

from services.staff.approvals import store
from services.staff.approvals.events import ApprovalEdited, ApprovalEnded
from services.staff.approvals.values import ApprovalEnding
from shared.actor import SYSTEM
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, kind_of


class ApprovalFacts:
    """Ends again what had ended, and what stands as it did before somebody changed it."""

    facts = frozenset({kind_of(ApprovalEnded), kind_of(ApprovalEdited)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """It is over; nothing is published anew. Of what is true already nothing changes."""
        by = str(SYSTEM)
        if entry.kind == kind_of(ApprovalEnded):
            ended = entry.event(ApprovalEnded)
            store.end(tx, ended.approval_id, ApprovalEnding(ended.reason), by=by, now=entry.at)
        elif entry.happening is not None:
            edited = entry.event(ApprovalEdited)
            store.end_older(tx, edited.approval_id, entry.happening.since, by=by, now=entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is over, or stands as it was changed to."""
        approval = store.get(tx, UUID(entry.text("approval_id")))
        if approval is None or approval.ended_at is not None:
            return True
        return (
            entry.happening is not None
            and approval.edited_at >= entry.happening.since
            and (entry.kind == kind_of(ApprovalEdited))
        )
