"""Looks for instants that would put something off for longer than it ever may be, and tells of them.

Whoever reads such an instant takes it as one that has come, so nothing stands still; that it was there at all means
that a clock was wrong or a vendor asked for nonsense, and a person is to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from shared import log
from shared.bus import metrics
from shared.bus.relay import LONGEST_HOLD
from shared.clock import Clock
from shared.database import Database, Transaction

SECONDS: Final = 30.0
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"outbox.retry_at": LONGEST_HOLD})
"""How far ahead the instants may lie that the tables of every service wait for."""

COUNT: Final = "SELECT count(*) AS count FROM {table} WHERE {column} > %(latest)s"

_log = log.get("bus.waiting")


def beyond(tx: Transaction, now: datetime, waits: Mapping[str, timedelta]) -> dict[str, int]:
    """How many rows wait for longer than they may, by column (`table.column`); only where there are any."""
    beyond_bound = {}
    for name, at_most in {**WAITS, **waits}.items():
        table, column = name.split(".")
        row = tx.one(COUNT.format(table=table, column=column), latest=now + at_most)
        if row and row["count"]:
            beyond_bound[name] = int(row["count"])
    return beyond_bound


def watch(database: Database, clock: Clock, waits: Mapping[str, timedelta]) -> None:
    """Take one look; what is found is logged and counted."""
    with database.transaction() as tx:
        found = beyond(tx, clock.now(), waits)
    for name, count in found.items():
        metrics.WAITS_BEYOND.labels(name).inc(count)
        _log.error("waits_beyond_bound", column=name, rows=count)
