"""A hint to the relay that something was written: it need not look into an idle outbox many times a second.

A transaction with NOTIFY holds a lock of the whole server until it has committed, so none that changes anything may
have one. The hint is a statement of its own, after the commit, on the same connection; it waits for no disk. Of
many commits that follow each other closely only some give one: `SECONDS` after each the relay looks once more. And
it may be lost: the relay looks by itself every second.
"""

from __future__ import annotations

import time
from typing import Any, Final

import psycopg

from shared import log

CHANNEL: Final = "outbox"
SECONDS: Final = 0.005
"""The shortest time between two hints of one process."""
GIVE: Final = f"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')"

_log = log.get("database")


class OutboxHint:
    """Gives the hints of one process."""

    def __init__(self) -> None:
        """Nothing was hinted at yet."""
        self._given_at = float("-inf")

    def give(self, connection: psycopg.Connection[Any]) -> None:
        """Wake the relay, unless that was done just now. `connection` has no transaction open."""
        now = time.monotonic()
        if now - self._given_at < SECONDS:
            return
        self._given_at = now
        try:
            connection.autocommit = True
            connection.execute(GIVE)
            connection.autocommit = False
        except psycopg.Error as error:
            # What was to be done is committed; the pool finds out for itself that the connection is gone.
            _log.warning("relay_not_woken", error=type(error).__name__)
            connection.close()
