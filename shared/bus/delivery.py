"""From deliveries to effects: each event once, in order, in the transaction that records its id.

Messages that wait in memory are handled together in one transaction; where that fails, one by one, so that one
bad message cannot harm the others. Knows the database and the clock, and of the broker only how to postpone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import eventlet

from shared import log
from shared.bus import metrics, parked_messages, wire
from shared.bus.retry import ATTEMPTS_LIMIT, QUICK_PAUSES_SECONDS, GrowingPause, Park, decide
from shared.bus.sender_check import SenderCheck
from shared.bus.stopping import STOPPING
from shared.clock import Clock
from shared.context import Context, working_in
from shared.database import Database, Transaction, load_queries
from shared.database.pool import Busy, DatabaseDown
from shared.errors import DeadlineExceeded
from shared.events import Event, Received, UnknownVersionError
from shared.identifiers import new_id

Q: Final = load_queries(__file__)
LIMIT_SECONDS: Final = 30.0
"""The longest that handling one message, or one batch of messages together, may take."""
FAILURES_IN_A_ROW: Final = 20
"""After so many, one message at a time is put aside, with growing pauses between: something they all need is down
that is neither the database nor the broker, and the whole queue would else go through the tiers and be parked."""
SLOWED_SECONDS: Final = 5.0
"""Raised into a handler to end the process: the message stays with the broker."""

_log = log.get("bus.delivery")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker handed it out, unread."""

    body: bytes = field(repr=False)
    headers: Mapping[str, Any]
    content_type: str | None
    user_id: str | None
    exchange: str
    routing_key: str
    tag: int
    channel: Any

    @property
    def sender(self) -> str:
        """Who sent it as the broker vouches for it; of one without a name, over which exchange it came."""
        return self.user_id or self.exchange or "unnamed"

    @property
    def alive(self) -> bool:
        """Whether the connection it came over is still there; else the broker has taken it back."""
        return self.channel.connection is not None


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One version of an event and the methods that hear it, all in one transaction and in this order."""

    event: type[Event]
    handle: tuple[Callable[[Received[Any], Transaction], None], ...]


Postponing = Callable[[Delivery, wire.Tier, Mapping[str, Any]], None]


class DeliveryHandler:
    """Handles the deliveries of one queue."""

    def __init__(
        self,
        *,
        queue: str,
        listeners: Mapping[int, Listener],
        database: Database,
        clock: Clock,
        postpone: Postponing,
        sender_check: SenderCheck,
        tiers: Sequence[wire.Tier] = wire.TIERS,
        attempts_limit: int = ATTEMPTS_LIMIT,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        """`listeners` by version; `postpone` raises `Unavailable` where it could not hand the message over.

        `sender_check` says whom to believe.
        """
        self.queue = queue
        self._listeners = listeners
        self._database = database
        self._clock = clock
        self._postpone = postpone
        self._sender_check = sender_check
        self._tiers = tiers
        self._attempts_limit = attempts_limit
        self._limit_seconds = limit_seconds
        self._pause = GrowingPause()
        self._slowing = GrowingPause(longest_seconds=SLOWED_SECONDS)
        self._failures_in_a_row = 0
        self.stopping = threading.Event()
        self.paused = False

    def settle(self, deliveries: Sequence[Delivery]) -> int:
        """Handle, postpone or park each; returns how many from the front are done with and may be acknowledged."""
        if len(deliveries) > 1 and _apart(self._together, deliveries):
            return len(deliveries)
        for index, delivery in enumerate(deliveries):
            if not self._settle_one(delivery):
                return index
        return len(deliveries)

    def _together(self, deliveries: Sequence[Delivery]) -> bool:
        try:
            with eventlet.Timeout(self._limit_seconds, DeadlineExceeded("the batch took too long")):
                self._handle([self._read(delivery) for delivery in deliveries])
        except BaseException as error:  # noqa: BLE001  # each is looked at again on its own
            _log.info("lot_undone", queue=self.queue, messages=len(deliveries), exc_info=error)
            return False
        return True

    def _settle_one(self, delivery: Delivery) -> bool:
        """Whether the message is done with: handled, postponed or parked."""
        while delivery.alive and not self.stopping.is_set():
            error = _apart(self._try, delivery)
            if error is None:
                self._failures_in_a_row = 0
                self._pause.reset()
                self._slowing.reset()
                return True
            if self._dispose(delivery, error):
                if self._failures_in_a_row >= FAILURES_IN_A_ROW:
                    self._wait(self._slowing.next_seconds())
                return True
            self._wait(self._pause.next_seconds())
        return False

    def _try(self, delivery: Delivery) -> BaseException | None:
        """Handle one message; what went wrong is returned, so that it cannot pass anybody by."""
        for pause_seconds in (*QUICK_PAUSES_SECONDS, None):
            try:
                with eventlet.Timeout(self._limit_seconds, DeadlineExceeded("handling took too long")):
                    self._handle([self._read(delivery)])
            except Busy as error:
                if pause_seconds is None or self.stopping.wait(pause_seconds):
                    return error
            except BaseException as error:  # noqa: BLE001  # also eventlet.Timeout and SystemExit of a handler
                return error
            else:
                return None
        raise AssertionError("the last round returns")

    def _handle(self, readings: Sequence[tuple[wire.Envelope, Listener]]) -> None:
        """Record the ids and run the handlers of the new ones, in one transaction."""
        ids = sorted({envelope.id for envelope, _ in readings})
        with self._database.transaction() as tx:
            rows = tx.all(Q.record_messages, consumer=self.queue, ids=ids, now=self._clock.now())
            new = {row["message_id"] for row in rows}
            for envelope, listener in readings:
                if envelope.id in new:
                    new.discard(envelope.id)
                    self._run(envelope, listener, tx)
        metrics.EVENTS.labels(self.queue, "handled").inc(len(rows))
        metrics.EVENTS.labels(self.queue, "repeated").inc(len(readings) - len(rows))
        metrics.BATCHES.labels(self.queue).observe(len(readings))

    def _run(self, envelope: wire.Envelope, listener: Listener, tx: Transaction) -> None:
        received = Received(
            id=envelope.id,
            event=listener.event.from_data(envelope.data),
            source=envelope.source,
            time=envelope.time,
            subject=envelope.subject,
            sequence=envelope.sequence,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.causation_id,
            traceparent=envelope.traceparent,
            actor=envelope.actor,
            attempt=envelope.attempt,
        )
        message_context = Context(
            correlation_id=envelope.correlation_id,
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
            actor=envelope.actor,
        )
        with working_in(message_context):
            for handle in listener.handle:
                handle(received, tx)

    def _read(self, delivery: Delivery) -> tuple[wire.Envelope, Listener]:
        self._sender_check.check(user_id=delivery.user_id, exchange=delivery.exchange, headers=delivery.headers)
        envelope = wire.decode(
            delivery.body,
            content_type=delivery.content_type,
            headers=delivery.headers,
            exchange=delivery.exchange,
            routing_key=delivery.routing_key,
            received_at=self._clock.now(),
        )
        listener = self._listeners.get(envelope.version)
        if listener is None:
            raise UnknownVersionError(f"{envelope.type} version {envelope.version} is not known here")
        return envelope, listener

    def _dispose(self, delivery: Delivery, error: BaseException) -> bool:
        """Postpone or park a message that failed; False where that cannot be done now."""
        if isinstance(error, DatabaseDown):
            _log.warning("database_down", queue=self.queue, exc_info=error)
            return False
        with working_in(self._context_of(delivery)):
            return self._put_aside(delivery, error)

    def _put_aside(self, delivery: Delivery, error: BaseException) -> bool:
        attempt = wire.attempt_of(delivery.headers)
        decision = decide(error, attempt=attempt, tiers=self._tiers, attempts_limit=self._attempts_limit)
        try:
            if isinstance(decision, Park):
                self._park(delivery, error, decision.reason, attempt)
            else:
                headers = self._headers(delivery, attempt=decision.attempt)
                self._postpone(delivery, decision.tier, headers)
                self._failures_in_a_row += 1
                metrics.EVENTS.labels(self.queue, "postponed").inc()
                _log.warning("event_postponed", queue=self.queue, attempt=attempt, exc_info=error)
        except STOPPING:
            raise
        except BaseException as fault:  # noqa: BLE001  # it stays with the broker and is tried again
            _log.error("event_could_not_be_put_aside", queue=self.queue, exc_info=fault)
            return False
        return True

    def _park(self, delivery: Delivery, error: BaseException, reason: str, attempt: int) -> None:
        unhandled = parked_messages.Unhandled(
            queue=self.queue,
            body=delivery.body,
            headers=self._headers(delivery, attempt=attempt),
            type=wire.origin(delivery.headers, delivery.exchange, delivery.routing_key)[1],
            message_id=self._id_of(delivery),
            reason=reason,
            error=error,
            attempts=attempt,
            sender=delivery.sender,
        )
        noise = parked_messages.is_noise(error, delivery.sender, self._sender_check.believed)
        with self._database.transaction() as tx:
            park = parked_messages.park_or_count if noise else parked_messages.park
            parked_id = park(tx, unhandled, now=self._clock.now())
        metrics.EVENTS.labels(self.queue, "parked").inc()
        _log.error("event_parked", queue=self.queue, parked_id=parked_id, attempt=attempt, exc_info=error)

    def _headers(self, delivery: Delivery, *, attempt: int) -> dict[str, Any]:
        return wire.retry_headers(
            delivery.headers,
            attempt=attempt,
            exchange=delivery.exchange,
            routing_key=delivery.routing_key,
            message_id=self._id_of(delivery),
        )

    def _context_of(self, delivery: Delivery) -> Context:
        """The context that the message carries; a new one where it cannot be read."""
        try:
            envelope = self._read(delivery)[0]
        except Exception:  # noqa: BLE001  # an aid only: whatever is wrong with it is told by the line itself
            return Context(correlation_id=new_id())
        return Context(correlation_id=envelope.correlation_id, causation_id=envelope.id)

    def _id_of(self, delivery: Delivery) -> UUID | None:
        try:
            return self._read(delivery)[0].id
        except Exception:  # noqa: BLE001  # an aid only: whatever is wrong with it, the message is put aside
            return None

    def _wait(self, seconds: float) -> None:
        """Hold the queue up for a while."""
        self.paused = True
        _log.warning("queue_paused", queue=self.queue, seconds=seconds)
        self.stopping.wait(seconds)
        self.paused = False


def _apart(work: Callable[[Any], Any], argument: Any) -> Any:
    """Run `work` in a green thread of its own and return what it returns.

    A handler may leave an `eventlet.Timeout` running that strikes later, or raise what ends a thread. Either then
    strikes a thread that has ended or is about to, and not the one that reads the queue.
    """
    thread = eventlet.spawn(work, argument)
    try:
        return thread.wait()
    finally:
        thread.kill()
