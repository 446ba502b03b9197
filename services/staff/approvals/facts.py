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
            store.end_again(tx, ended.approval_id, ApprovalEnding(ended.reason), entry.since, by=by)
        else:
            store.end_older(tx, entry.event(ApprovalEdited).approval_id, entry.since, by=by)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is over, or stands as it was changed to."""
        approval = store.get(tx, UUID(entry.text("approval_id")))
        if approval is None or approval.ended_at is not None:
            return True
        return approval.edited_at >= entry.since and entry.kind == kind_of(ApprovalEdited)
