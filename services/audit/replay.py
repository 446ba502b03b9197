"""What the facts of the ledger mean in audit's database, when a backup has set it back behind them."""

from __future__ import annotations

from typing import Final

from services.audit.store import LoginStore, TrailStore
from shared.database import Transaction, load_queries
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "replay.sql")
ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})


class AuditReplayer:
    """Deletes again the logins of who was erased, and whom the trail's references stood for; the trail stays."""

    def __init__(self, trail: TrailStore, logins: LoginStore) -> None:
        """The stores of the service."""
        self._trail, self._logins = trail, logins

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        if entry.kind in restricted.FACTS:
            restricted.replay(tx, entry)
        if entry.kind not in ERASED:
            return
        self._trail.wait_lock(tx)
        self._logins.erase(
            tx,
            erasure_id=entry.uuid("erasure_id"),
            account_id=entry.account_id,
            user_id=entry.user_id,
            now=entry.at,
            held=restricted.in_force(tx, entry.account_id).within(entry.user_id),
        )

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether no row of the scope is left but what is held."""
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        if entry.kind not in ERASED:
            return True
        left = tx.one(Q.left_of, account_id=entry.account_id, user_id=entry.user_id)
        return left is None or restricted.was_partial(entry)

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is known here."""
        return tx.one(Q.anybody) is None
