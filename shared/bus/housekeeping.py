"""Forgetting what the tables that every service has need no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from shared import log
from shared.bus import metrics
from shared.clock import Clock
from shared.database import Database, load_queries
from shared.participation import export_orders
from shared.participation.export_values import ORDER_KEPT
from shared.privacy import restricted

Q: Final = load_queries(__file__)
INBOX_AGE: Final = timedelta(days=90)
"""Longer than any message can be replayed by hand or from the outbox."""
REPLY_AGE: Final = timedelta(hours=24)
PARKED_AGE: Final = timedelta(days=30)
"""Counted from the decision; an undecided message is kept."""
SPENT_AGE: Final = timedelta(days=90)
"""Longer than any approval by two persons stands; a statement of one person is good for a minute."""
FORGOTTEN: Final = (
    (Q.forget_inbox, INBOX_AGE),
    (Q.forget_replies, REPLY_AGE),
    (Q.forget_spent_statements, SPENT_AGE),
    (Q.forget_parked, PARKED_AGE),
    (restricted.FORGET_ENDS, restricted.ENDS_KEPT),
    (export_orders.FORGET, ORDER_KEPT),
)
LOT_ROWS: Final = 2000
BATCHES_LIMIT: Final = 50
SECONDS: Final = 600.0

_log = log.get("bus.housekeeping")


def keep_house(database: Database, clock: Clock) -> int:
    """Forget old rows, in small transactions, at most a hundred thousand of each kind; returns how many."""
    now = clock.now()
    forgotten = 0
    for query, age in FORGOTTEN:
        for _ in range(BATCHES_LIMIT):
            with database.transaction() as tx:
                rows = tx.run(query, before=now - age, limit=LOT_ROWS)
            forgotten += rows
            if rows < LOT_ROWS:
                break
    with database.transaction() as tx:
        row = tx.one(Q.count_parked)
    metrics.PARKED.set(row["count"] if row else 0)
    _log.info("house_kept", rows=forgotten)
    return forgotten
