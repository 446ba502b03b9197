"""Billing-sync's part in forgetting: the copy at Tripletex is minimised by a job, which answers when it is done.

What was minimised at Tripletex is still minimised there: no restore of ours reaches it. A link from before is not
believed, though. The job that minimises is wanted once more; it finds what it finds.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.billing_sync.customer_links import store as links
from services.billing_sync.customer_links.rules import COPY
from services.billing_sync.erasure import rules
from services.billing_sync.jobs import store as jobs
from services.billing_sync.recipient_tasks import store as recipient_tasks
from shared.database import Transaction, load_queries
from shared.participation import steps
from shared.participation.values import Erasure, Purpose, Step
from shared.privacy import restricted

Q: Final = load_queries(__file__)


class TripletexErasure:
    """Stops copying who is erased, and has the copy minimised."""

    def erase(self, tx: Transaction, erasure: Erasure) -> Step | None:
        """Want a job, unless all of it is held or the job was done; a dry run tells what is known here."""
        account_id, user_id, held = erasure.account_id, erasure.user_id, erasure.held
        known = links.contacts(tx, account_id)
        if erasure.purpose is Purpose.DRY_RUN:
            return rules.foreseen(known, user_id, held, has_customer=links.link(tx, account_id) is not None)
        replayed, held_whole = erasure.purpose is Purpose.REPLAYED, held.covers(user_id, COPY)
        if replayed and held_whole:
            return None
        if not held_whole:
            recipient_tasks.erase(tx, account_id, user_id, held.users_of(COPY))
        if user_id is None:
            jobs.drop_syncs(tx, account_id, under_way=replayed)
        done = steps.find(tx, erasure.id)
        if not replayed and (done or held_whole):
            return done or rules.kept_whole(known, user_id)
        if not replayed or tx.one(Q.linked, **erasure.scope):
            held_users = sorted(held.users_of(COPY))
            jobs.want(
                tx,
                "minimise",
                account_id,
                erasure.at,
                user_id=user_id,
                erasure_id=erasure.id,
                held_users=held_users,
            )
        return None

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether somebody would still be copied, or is linked and not about to be minimised."""
        if restricted.is_kept(tx, account_id, user_id, COPY):
            return False
        scope = {"account_id": account_id, "user_id": user_id}
        if tx.one(Q.copied, **scope) or recipient_tasks.is_left(tx, account_id, user_id):
            return True
        return tx.one(Q.linked, **scope) is not None and tx.one(Q.to_be_minimised, **scope) is None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is a customer at Tripletex."""
        return tx.one(Q.any_link) is None
