"""Watches over the use of a service's database by whoever administers it, and tells the audit trail.

Each service looks after its own database: no role sees several. The counters are in the database and never taken
back, so nothing that was read between two looks, or while the service was down, is missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.bus.every_service_events import AdminSessionClosed, AdminSessionOpened
from shared.clock import Clock
from shared.database import Database, Transaction, load_queries
from shared.events import COUNT_LIMIT, Code, Event
from shared.identifiers import new_id
from shared.wait_bounds import noted_by

Q: Final = load_queries(__file__, "admin_watch.sql")
ROLE: Final = "adminer"
SECONDS: Final = 10.0
IDLE: Final = timedelta(minutes=5)
"""How long nothing may happen before a session counts as over."""
LONGEST: Final = timedelta(hours=1)
"""A session that lasts longer is told in parts, so that nobody hides in one that never ends."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What has been told: `counted` are the counters when the session began, `seen` those at the last look."""

    counted: Counts
    seen: Counts
    session_id: UUID | None = None
    opened_at: datetime | None = None
    seen_at: datetime | None = None


def look(
    watch: Watch, counts: Counts, *, connected: bool, database: str, now: datetime
) -> tuple[Watch, Event | None]:
    """What is known after a look at the counters and the connections, and what is to be told. Pure."""
    used = connected or bool(_more(counts, watch.seen))
    if watch.seen_at is not None and not noted_by(watch.seen_at, now):
        watch = replace(watch, seen_at=now - IDLE)  # dated by a clock that was wrong: it ends like any other
    if watch.session_id is None or watch.opened_at is None or watch.seen_at is None:
        if not used:
            return watch, None
        begun = Watch(counted=watch.counted, seen=counts, session_id=new_id(), opened_at=now, seen_at=now)
        assert begun.session_id is not None  # noqa: S101  # made a line above
        opened = AdminSessionOpened(session_id=begun.session_id, role=Code(ROLE), database=Code(database))
        return begun, opened
    last = now if used else watch.seen_at
    if now - watch.seen_at < IDLE and last - watch.opened_at < LONGEST:
        return replace(watch, seen=counts, seen_at=last), None
    closed = AdminSessionClosed(
        session_id=watch.session_id,
        role=Code(ROLE),
        database=Code(database),
        opened_at=watch.opened_at,
        seconds=min(int((last - watch.opened_at).total_seconds()), COUNT_LIMIT),
        reads={Code(table): min(count, COUNT_LIMIT) for table, count in _more(counts, watch.counted).items()},
    )
    return Watch(counted=counts, seen=counts), closed


def _more(counts: Counts, before: Counts) -> dict[str, int]:
    """By how much each counter has grown. One that is lower belongs to a restored database and counts anew."""
    grown = {table: count - min(before.get(table, 0), count) for table, count in counts.items()}
    return {table: more for table, more in sorted(grown.items()) if more}


def watch_admin(database: Database, clock: Clock, service: str) -> None:
    """Take one look, and put what is to be told into the outbox; of several replicas one at a time does it."""
    with database.transaction() as tx:
        row = tx.one(Q.hold_watch)
        if row is None:
            return
        watch = Watch(**row)
        connected = tx.one(Q.connected, role=ROLE) is not None
        counts = {str(each["table_name"]): int(each["reads"]) for each in tx.all(Q.counts)}
        name, now = service.replace("-", "_"), clock.now()
        after, event = look(watch, counts, connected=connected, database=name, now=now)
        if after != watch:
            _keep(tx, after)
        if event is not None:
            tx.outbox.add(event, now=now)


def _keep(tx: Transaction, watch: Watch) -> None:
    tx.run(
        Q.keep_watch,
        counted=Jsonb(dict(watch.counted)),
        seen=Jsonb(dict(watch.seen)),
        session_id=watch.session_id,
        opened_at=watch.opened_at,
        seen_at=watch.seen_at,
    )
