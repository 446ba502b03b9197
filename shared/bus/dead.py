"""nameko entrypoint for what the broker gave up on: it ends in the parked list like everything unhandled."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from greenlet import GreenletExit

from shared import log
from shared.bus import meters, parking, wire
from shared.bus.consumer import QueueReader
from shared.bus.handling import Delivery
from shared.bus.retry import GrowingPause
from shared.errors import Permanent

FIRST_QUEUE: Final = "x-first-death-queue"
FIRST_REASON: Final = "x-first-death-reason"
FIRST_EXCHANGE: Final = "x-first-death-exchange"
STOPPING: Final = (GreenletExit, KeyboardInterrupt)

_log = log.get("bus.dead")


class GivenUpError(Permanent):
    """The broker gave up on a message: handed out too often, or a queue too long."""


class DeadQueue(QueueReader):
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
        unhandled = _unhandled(delivery, own_queue=self.queue)
        with hosting.service.database.transaction() as tx:
            parked_id = parking.park(tx, unhandled, now=hosting.service.clock.now())
        meters.EVENTS.labels(unhandled.queue, "parked").inc()
        _log.error("dead_letter_parked", queue=unhandled.queue, parked_id=parked_id, exc_info=unhandled.error)


def _unhandled(delivery: Delivery, *, own_queue: str) -> parking.Unhandled:
    headers = delivery.headers
    queue = _text(headers, FIRST_QUEUE) or own_queue
    error = GivenUpError(f"the broker gave up: {_text(headers, FIRST_REASON) or 'unknown'}")
    is_event = queue.startswith("evt-")
    came_by = wire.origin(headers, _text(headers, FIRST_EXCHANGE), _original_key(headers))
    return parking.Unhandled(
        queue=queue,
        body=delivery.body if is_event else b"",  # a call may hold personal data; an event cannot
        headers=wire.retry_headers(
            headers, attempt=wire.attempt_of(headers), exchange=came_by[0], routing_key=came_by[1]
        ),
        type=came_by[1] or "unknown",
        message_id=None,
        reason=str(error),
        error=error,
        attempts=wire.attempt_of(headers),
    )


def _original_key(headers: Mapping[str, Any]) -> str:
    """The routing key the message had when it first died; the dead-letter exchange gave it another."""
    deaths = headers.get("x-death")
    if isinstance(deaths, list) and deaths and isinstance(deaths[-1], dict):
        keys = deaths[-1].get("routing-keys")
        if isinstance(keys, list) and keys:
            return str(keys[0])
    return ""


def _text(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(name)
    return value if isinstance(value, str) else ""
