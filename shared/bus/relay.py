"""The relay: moves the outbox rows of one service to the bus, in order, and forgets none.

Runs without eventlet, one thread an outbox. A row is marked as published only after the broker has confirmed it;
whatever goes wrong in between means that it is published again under the same id, and listeners know it by that id.

One relay an outbox is active at a time, by a lock that PostgreSQL gives to one session; others stand by and take
over when that session ends. Two at work would publish the events of one subject out of order.
"""

from __future__ import annotations

import json
import random
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from shared import log
from shared.bus import wire
from shared.bus.connection import BrokerRefusedError, BrokerTrouble
from shared.bus.publisher import Outgoing, SingleThreadPublisher
from shared.bus.relay_metrics import RelayMetrics
from shared.bus.relay_restore_gate import OutboxGate
from shared.clock import Clock
from shared.database import outbox_hint
from shared.database.queries import load_queries
from shared.failpoints import Failpoints
from shared.privacy.restore_gate import CameUndone

Q: Final = load_queries(__file__, "relay.sql")
UNHEARD_FILE: Final = Path(__file__).with_name("unheard_events.json")

LOCK: Final = 0x72656C61
"""The advisory lock of the active relay; each database has its own."""
BATCH_ROWS: Final = 500
BATCH_BYTES: Final = 8 * 1024**2
CONNECT_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 2.0
CONFIRM_SECONDS: Final = 10.0
UNHINTED_SECONDS: Final = outbox_hint.SECONDS + 0.001
"""So long after an event or a hint comes one more look: what was committed in between gave no hint."""
PAUSE_SECONDS: Final = 1.0
"""The pause at rest: a hint ends it, but may be lost."""
STANDBY_SECONDS: Final = 1.0
RECONNECT_SECONDS: Final = (0.2, 5.0)
RETRY_SECONDS: Final = (1.0, 300.0)
LONGEST_HOLD: Final = timedelta(minutes=15)
"""What is held for longer was held by a clock that was wrong, and goes."""
MEASURE_SECONDS: Final = 5.0
MEASURE_ROWS: Final = 100_000
KEEP: Final = timedelta(days=7)
"""Long enough to publish a stretch of time once more after a broker was lost with its disk."""
FORGET_ROWS: Final = 1_000
FORGET_SECONDS: Final = 60.0
FOREIGN_EXCHANGE: Final = "foreign_exchange"

_log = log.get("relay")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One event that waits in an outbox."""

    id: int
    event_id: UUID
    exchange: str
    routing_key: str
    subject: str
    body: bytes
    headers: dict[str, Any]
    created_at: datetime
    attempts: int
    position: int | None
    """How far the database had come in the ledger as the row was read."""


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Which outbox to empty: the wire name of its service, how to reach it, and which types nobody hears.

    `unheard` comes from the topology. A type that some service handles is published with `mandatory`: where its
    queue is missing, that is a fault of the deployment, and the row waits until it is mended. A type that by
    design nobody handles has no queue to arrive in; with `mandatory` it would wait for ever, so it goes without,
    for whoever outside may listen.
    """

    service: str
    dsn: str
    unheard: frozenset[str] = frozenset()


class OutboxRelay:
    """Empties one outbox until it is told to stop. `run` is the body of a thread."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        broker_url: str,
        clock: Clock,
        metrics: RelayMetrics,
        failpoints: Failpoints,
        stop: threading.Event,
        gate: OutboxGate | None = None,
    ) -> None:
        """`stop` ends the relay after the batch at hand, in at most some ten seconds.

        `gate` keeps it from the outbox of a database that was restored; without one there is nothing to wait for.
        """
        self.outbox = outbox
        self.state = "starting"
        self.alive_at = monotonic()
        self._broker_url = broker_url
        self._clock = clock
        self._metrics = metrics
        self._failpoints = failpoints
        self._stop = stop
        self._gate = gate
        self._exchange = wire.events_exchange(outbox.service)
        self._trouble_in_a_row = 0

    def run(self) -> None:
        """Serve until told to stop; after trouble of any kind connect anew, with growing pauses."""
        while not self._stop.is_set():
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001  # even a fault of ours must not end it for good: told, retried
                self._after_trouble(error)
        self._enter("stopped")

    def _serve(self) -> None:
        self._alive()
        with self.connect() as connection:
            if not self._admitted(connection):
                return
            while not self._lead(connection):
                self._enter("standby")
                if self._stop.wait(STANDBY_SECONDS) or not self._admitted(connection):
                    return
            # Connected only once leading: replicas that stand by need no place at the broker.
            publisher = SingleThreadPublisher(self._broker_url, name=f"relay {self.outbox.service}")
            try:
                publisher.open(wait_seconds=CONNECT_SECONDS)
                self._enter("active")
                self._empty(connection, publisher)
            finally:
                publisher.close(wait_seconds=CLOSE_SECONDS)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection whose statements follow indexes and wait for no disk. Raises `psycopg.OperationalError`."""
        connection = psycopg.connect(self.outbox.dsn, autocommit=True)
        connection.execute(Q.follow_indexes)
        connection.execute(Q.lose_marks)
        return connection

    def _admitted(self, connection: psycopg.Connection[Any]) -> bool:
        """Wait until nothing of an earlier day is left to be sent; False where told to stop before."""
        gate = self._gate
        if gate is None or gate.stays_open(gate.position(connection)):
            return True
        return gate.wait(connection, stop=self._stop, tell=self._enter)

    def _must_not_be_set_back(self, position: int | None) -> None:
        if self._gate is not None and not self._gate.stays_open(position):
            raise CameUndone(f"the database of {self.outbox.service} went back behind where it was")

    def _lead(self, connection: psycopg.Connection[Any]) -> bool:
        self._alive()
        row = connection.execute(Q.lead, {"lock": LOCK}).fetchone()
        return bool(row and row[0])

    def _empty(self, connection: psycopg.Connection[Any], publisher: SingleThreadPublisher) -> None:
        hints: list[Any] = []
        connection.add_notify_handler(hints.append)
        connection.execute(Q.listen)
        measured_at = forgot_at = float("-inf")
        pause = UNHINTED_SECONDS
        while not self._stop.is_set():
            self._alive()
            if monotonic() - measured_at >= MEASURE_SECONDS:
                self._must_not_be_set_back(OutboxGate.position(connection))
                self._measure(connection)
                measured_at = monotonic()
            if monotonic() - forgot_at >= FORGET_SECONDS and not self._forget(connection):
                forgot_at = monotonic()
            hints.clear()
            if self.move_batch(connection, publisher) or hints:  # a hint may be of what this look was too early for
                pause = UNHINTED_SECONDS
                continue
            publisher.connection.idle(pause, until_readable=connection.fileno())
            pause = PAUSE_SECONDS

    def move_batch(self, connection: psycopg.Connection[Any], publisher: SingleThreadPublisher) -> bool:
        """Publish one batch and write down what became of it; whether any row was confirmed.

        Raises `BrokerTrouble` after having written down what was confirmed before the trouble, and `CameUndone`,
        with nothing sent, where the database went back.
        """
        rows = self._waiting(connection)
        if not rows:
            return False
        self._failpoints.hit("relay.before_publish")
        started = monotonic()
        # Who may write into an outbox may not thereby speak for another service.
        foreign = {row.id for row in rows if row.exchange != self._exchange and not self._is_replay(row)}
        lanes: dict[str, list[Outgoing]] = defaultdict(list)
        for row in rows:
            if row.id not in foreign:
                lanes[row.subject].append(self._message(row))
        outcome = publisher.publish_all(lanes.values(), deadline_seconds=CONFIRM_SECONDS)
        self._failpoints.hit("relay.after_publish")
        failed = [(row, FOREIGN_EXCHANGE) for row in rows if row.id in foreign]
        by_key = {str(row.event_id): row for row in rows} if outcome.failed else {}
        failed += [(by_key[key], why.value) for key, why in outcome.failed.items()]
        self._write_down(connection, outcome.confirmed, failed)
        self._failpoints.hit("relay.after_mark")
        self._metrics.batch(
            self.outbox.service,
            published=len(outcome.confirmed),
            failed=[reason for _, reason in failed],
            seconds=monotonic() - started,
        )
        if outcome.trouble is not None:
            raise BrokerTrouble(outcome.trouble)
        self._trouble_in_a_row = 0
        return bool(outcome.confirmed)

    def _waiting(self, connection: psycopg.Connection[Any]) -> list[Row]:
        """Return what is to be sent now. Raises `CameUndone`."""
        # The first batch after trouble is a single row: where the broker keeps silent, as it does under an alarm,
        # each attempt may leave a copy of what was sent, and one copy is enough to find out.
        limit = 1 if self._trouble_in_a_row else BATCH_ROWS
        parameters = {
            "now": self._clock.now(),
            "limit": limit,
            "bytes_limit": BATCH_BYTES,
            "longest": LONGEST_HOLD,
        }
        with connection.cursor(row_factory=class_row(Row), binary=True) as cursor:
            rows = cursor.execute(Q.waiting, parameters).fetchall()
        if rows:
            self._must_not_be_set_back(rows[0].position)
        return rows

    def _is_replay(self, row: Row) -> bool:
        """Whether the row is a parked message that goes back to the queue of this very service it failed in."""
        to_queue, service = row.exchange == "", self.outbox.service
        return to_queue and row.routing_key.startswith("evt-") and row.routing_key.endswith(f"--{service}")

    def _message(self, row: Row) -> Outgoing:
        key = str(row.event_id)
        source, event_type, correlation_id = self.outbox.service, row.routing_key, None
        replayed = self._is_replay(row)
        if replayed:
            # As it was, with the headers that tell where it came from; its bytes may be no envelope at all.
            exchange, event_type = wire.origin(row.headers, "", row.routing_key)
            source = exchange.removesuffix(wire.EVENTS_SUFFIX)
            headers = wire.replay_headers(row.headers, service=self.outbox.service)
        else:
            envelope = json.loads(row.body)  # written by `shared.database.outbox.encode`
            correlation_id = envelope.get("correlationid")
            trace = envelope.get("traceparent", row.headers.get(wire.HEADER_TRACEPARENT))
            headers = wire.propagated({wire.HEADER_TRACEPARENT: trace})
        return Outgoing(
            key=key,
            exchange=row.exchange,
            routing_key=row.routing_key,
            mandatory=replayed or row.routing_key not in self.outbox.unheard,
            body=row.body,
            headers=headers,
            properties=wire.event_properties(
                event_id=key,
                event_type=event_type,
                source=source,
                time=row.created_at,
                correlation_id=correlation_id,
            ),
        )

    def _write_down(
        self, connection: psycopg.Connection[Any], confirmed: list[str], failed: list[tuple[Row, str]]
    ) -> None:
        """Mark the rows whose events were confirmed, and those that were not taken, with the reason."""
        now = self._clock.now()
        if confirmed:
            connection.execute(Q.mark_published, {"event_ids": confirmed, "now": now})
        if not failed:
            return
        connection.execute(
            Q.mark_failed,
            {
                "ids": [row.id for row, _ in failed],
                "retry_at": [now + backoff(row.attempts) for row, _ in failed],
                "reasons": [reason for _, reason in failed],
            },
        )
        reasons = sorted({reason for _, reason in failed})
        _log.warning("events not taken", outbox=self.outbox.service, count=len(failed), reasons=reasons)

    def _measure(self, connection: psycopg.Connection[Any]) -> None:
        now = self._clock.now()
        row = connection.execute(Q.measure, {"now": now, "limit": MEASURE_ROWS, "longest": LONGEST_HOLD}).fetchone()
        assert row is not None  # noqa: S101  # an aggregate always has a row
        waiting, held, oldest = row
        age = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
        self._metrics.depth(self.outbox.service, waiting=waiting, held=held, oldest_seconds=age)

    def _forget(self, connection: psycopg.Connection[Any]) -> bool:
        """Remove one portion of old rows; whether there may be more."""
        before = self._clock.now() - KEEP
        gone = connection.execute(Q.forget, {"before": before, "limit": FORGET_ROWS}).rowcount
        self._metrics.forgotten(self.outbox.service, gone)
        return gone == FORGET_ROWS

    def _after_trouble(self, error: Exception) -> None:
        self._trouble_in_a_row += 1
        code = error.code if isinstance(error, BrokerTrouble | BrokerRefusedError) else type(error).__name__
        self._enter("trouble")
        self._metrics.trouble(self.outbox.service, code)
        _log.warning("trouble", outbox=self.outbox.service, code=code, exc_info=error)
        shortest, longest = RECONNECT_SECONDS
        pause = min(shortest * 2 ** min(self._trouble_in_a_row - 1, 10), longest)
        self._stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads replicas, guards nothing

    def _enter(self, state: str) -> None:
        if state != self.state:
            _log.info("state", outbox=self.outbox.service, state=state)
        self.state = state
        self._alive()
        self._metrics.active(self.outbox.service, active=state == "active")

    def _alive(self) -> None:
        self.alive_at = monotonic()


def backoff(attempts: int) -> timedelta:
    """How long a row waits after failure number `attempts` + 1: a second, doubled each time, at most 5 minutes."""
    shortest, longest = RETRY_SECONDS
    return timedelta(seconds=min(shortest * 2.0 ** min(attempts, 20), longest))


def unheard_types(path: Path = UNHEARD_FILE) -> dict[str, frozenset[str]]:
    """The types that by design nobody hears, by source, from the file that the topology generates."""
    known: Mapping[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return {source: frozenset(types) for source, types in known.items()}
