"""Two transactions that meet: one waits for the other in the database, and is seen to wait."""

from __future__ import annotations

import time
from typing import Final, LiteralString

import psycopg

LIMIT_SECONDS: Final = 60.0
WAITING: Final[LiteralString] = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'
"""


def until_somebody_waits(dsn: str) -> None:
    """Return once a transaction of this database waits for another one. The role must see them all."""
    deadline = time.monotonic() + LIMIT_SECONDS
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not connection.execute(WAITING).fetchone()[0]:  # type: ignore[index]
            assert time.monotonic() < deadline, "nobody waits for anybody"
            time.sleep(0.02)
