"""nameko entrypoint for what the broker gave up on: it ends in the parked list like everything unhandled."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import log
from shared.bus import metrics, parked_messages, wire
from shared.bus.consumer import QueueReader
from shared.bus.delivery import Delivery
from shared.bus.retry import GrowingPause, reason_of
from shared.bus.sender_check import SenderCheck, SenderNotBelieved
from shared.bus.stopping import STOPPING
from shared.errors import Permanent

_log = log.get("bus.dead_letter_queue")


class GivenUpError(Permanent):
    """The broker gave up on a message: handed out too often, a queue too long, or none of that name any more."""


class DeadLetterQueue(QueueReader):
    """Parks what arrives in the service's dead-letter queue."""

    def __init__(self, queue: str, **kwargs: Any) -> None:
        """`queue` is the dead-letter queue of the service."""
        super().__init__(queue, **kwargs)
        self._pause = GrowingPause()
        self._stopping = threading.Event()

    def settle(self, deliveries: list[Delivery]) -> int:
        """Park each."""
        for index, delivery in enumerate(deliveries):
            if not self._settle_one(delivery):
                return index
        return len(deliveries)

    def halt(self) -> None:
        """Let go of what waits for the database."""
        self._stopping.set()

    @property
    def held_up(self) -> bool:
        """Parking is one short insert; where it takes longer, it waits for the database."""
        return True

    def _settle_one(self, delivery: Delivery) -> bool:
        while delivery.alive:
            try:
                self._park(delivery)
            except STOPPING:
                raise
            except BaseException as error:  # noqa: BLE001  # it stays with the broker and is tried again
                _log.error("dead_letter_not_parked", queue=self.queue, exc_info=error)
            else:
                self._pause.reset()
                return True
            if self._stopping.wait(self._pause.next_seconds()):
                return False
        return False

    def _park(self, delivery: Delivery) -> None:
        hosting = self.container.hosting
        now = hosting.service.clock.now()
        unhandled = _unhandled(delivery, own_queue=self.queue, sender_check=hosting.sender_check, now=now)
        noise = parked_messages.is_noise(unhandled.error, delivery.sender, hosting.sender_check.believed)
        with hosting.service.database.transaction() as tx:
            park = parked_messages.park_or_count if noise else parked_messages.park
            parked_id = park(tx, unhandled, now=now)
        metrics.EVENTS.labels(unhandled.queue, "parked").inc()
        _log.error("dead_letter_parked", queue=unhandled.queue, parked_id=parked_id, exc_info=unhandled.error)


@dataclass(frozen=True, kw_only=True)
class _Death:
    """How the broker gave up on a message."""

    queue: str
    reason: str = "unknown"
    exchange: str = ""
    routing_key: str = ""


def _unhandled(
    delivery: Delivery, *, own_queue: str, sender_check: SenderCheck, now: datetime
) -> parked_messages.Unhandled:
    headers = delivery.headers
    known = _death_of(delivery, own_queue=own_queue, service=sender_check.service)
    error = _believed(delivery, known, sender_check)
    death = known or _Death(queue=own_queue)
    is_event = death.queue.startswith("evt-")
    came_by = wire.origin(headers, death.exchange, death.routing_key)
    attempt = wire.attempt_of(headers)
    message_id = _id_of(delivery, death, now)
    return parked_messages.Unhandled(
        queue=death.queue,
        body=delivery.body if is_event else b"",  # a call may hold personal data; an event cannot
        headers=wire.retry_headers(
            headers, attempt=attempt, exchange=came_by[0], routing_key=came_by[1], message_id=message_id
        ),
        type=came_by[1] or "unknown",
        message_id=message_id,
        reason=reason_of(error),
        error=error,
        attempts=attempt,
        sender=delivery.sender,
    )


def _death_of(delivery: Delivery, *, own_queue: str, service: str) -> _Death | None:
    """None where the message came by no way on which the broker gives up: what its headers say are claims."""
    if delivery.exchange == wire.returns_exchange(service):  # it has waited, and its queue is gone
        key = delivery.routing_key
        return _Death(queue=key, reason="no_such_queue", exchange=delivery.exchange, routing_key=key)
    if delivery.exchange == wire.DEAD_EXCHANGE:
        return _last_death(delivery.headers) or _Death(queue=own_queue)
    return None


def _believed(delivery: Delivery, death: _Death | None, sender_check: SenderCheck) -> Permanent:
    """Why the message is parked: the broker gave up on it, or it is not even from whom it claims to be."""
    if death is None:
        return SenderNotBelieved("not_given_up_by_the_broker")
    try:
        sender_check.check(user_id=delivery.user_id, exchange=death.exchange, headers=delivery.headers)
    except SenderNotBelieved as error:
        return error
    return GivenUpError(f"the broker gave up: {death.reason}")


def _last_death(headers: Mapping[str, Any]) -> _Death | None:
    """The death that brought the message here; the broker puts it first. Before, it may have died in a tier."""
    deaths = headers.get("x-death")
    if not isinstance(deaths, list) or not deaths or not isinstance(deaths[0], dict):
        return None
    last = deaths[0]
    keys = last.get("routing-keys")
    return _Death(
        queue=_text(last, "queue"),
        reason=_text(last, "reason") or "unknown",
        exchange=_text(last, "exchange"),
        routing_key=str(keys[0]) if isinstance(keys, list) and keys else "",
    )


def _id_of(delivery: Delivery, death: _Death, now: datetime) -> UUID | None:
    """The id it is known by, which for a bare dict would be another one without the headers it came with."""
    try:
        return wire.decode(
            delivery.body,
            content_type=delivery.content_type,
            headers=delivery.headers,
            exchange=death.exchange,
            routing_key=death.routing_key,
            received_at=now,
        ).id
    except Permanent:
        return None


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
