"""Two transactions that meet: one waits for the other in the database, and is seen to wait."""

from __future__ import annotations

from typing import Final, LiteralString

import psycopg

from tests.waiting import until

WAITING: Final[LiteralString] = """
SELECT FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active' LIMIT 1
"""


def until_somebody_waits(dsn: str) -> None:
    """Return once a transaction of this database waits for another one. The role must see them all."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        until(lambda: connection.execute(WAITING).rowcount, what="a transaction that waits for another")
