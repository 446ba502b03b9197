"""What the facts of the ledger mean in billing-sync's database, when a backup has set it back behind them.

What was minimised at Tripletex is still minimised there: no restore of ours reaches it. A link from before is not
believed, though. The job that minimises is wanted once more; it finds what it finds.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.billing_sync import rules, store
from shared.database import Transaction, load_queries
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "replay.sql")
COPY: Final = rules.CATEGORY_OF["contact_link"]
ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})


class BillingReplayer:
    """Stops copying who was erased, and has the copy minimised again."""

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        if entry.kind in restricted.FACTS:
            restricted.replay(tx, entry)
        held = restricted.in_force(tx, entry.account_id)
        if entry.kind not in ERASED or held.covers(entry.user_id, COPY):
            return
        if entry.user_id is None:  # what was still to be copied then has no link yet
            tx.run(Q.drop_copying, account_id=entry.account_id)
        if not self._is_linked(tx, entry):
            return
        erasure_id = entry.data.get("erasure_id")
        store.want(
            tx,
            "minimise",
            entry.account_id,
            entry.at,
            user_id=entry.user_id,
            erasure_id=UUID(str(erasure_id)) if erasure_id else None,
            held_users=sorted(held.users_of(COPY)),
        )

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing copies who was erased, and what is linked still is to be minimised."""
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        kept = restricted.was_partial(entry) or restricted.is_kept(tx, entry.account_id, entry.user_id, COPY)
        if entry.kind not in ERASED or kept:
            return True
        scope = {"account_id": entry.account_id, "user_id": entry.user_id}
        copied = entry.user_id is None and tx.one(Q.copying, account_id=entry.account_id) is not None
        return not copied and (not self._is_linked(tx, entry) or tx.one(Q.minimising, **scope) is not None)

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is a customer at Tripletex."""
        return tx.one(Q.any_link) is None

    @staticmethod
    def _is_linked(tx: Transaction, entry: Entry) -> bool:
        linked = Q.linked_contact if entry.user_id else Q.linked_customer
        return tx.one(linked, account_id=entry.account_id, user_id=entry.user_id) is not None
