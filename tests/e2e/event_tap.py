"""Listens to everything that is published, as a plain AMQP client of somebody else would."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import amqp

from shared.system import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.system import WholeSystem


@contextmanager
def channel_to(uri: str) -> Iterator[amqp.Channel]:
    """A channel with publisher confirms on a connection of its own."""
    parts = urlsplit(uri)
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port}",
        userid=parts.username,
        password=parts.password,
        virtual_host=parts.path[1:],
        connect_timeout=10,
        confirm_publish=True,
    )
    connection.connect()
    try:
        yield connection.channel()
    finally:
        connection.close()


class Overheard:
    """The events published since the beginning, in the order in which they arrived."""

    def __init__(self, channel: amqp.Channel, queue: str) -> None:
        """Listen on `queue`."""
        self._channel = channel
        self._queue = queue
        self.bodies: list[bytes] = []

    def events(self) -> list[dict[str, Any]]:
        """Everything until now."""
        while (message := self._channel.basic_get(self._queue, no_ack=True)) is not None:
            body = message.body
            self.bodies.append(body if isinstance(body, bytes) else body.encode())
        return [json.loads(body) for body in self.bodies]

    def about(self, account_id: str) -> list[dict[str, Any]]:
        """The events of one account's story: about it, or about an erasure or a letter that is about it."""
        everything = self.events()
        known = {account_id}
        for event in everything:
            data = event["data"]
            if account_id in data.values():
                known |= {str(data[key]) for key in ("erasure_id", "clock_id", "letter_id") if data.get(key)}
        return [event for event in everything if known & {str(value) for value in event["data"].values()}]

    def types(self, account_id: str) -> list[str]:
        """Source and type of one account's events."""
        return [f"{event['source']} {event['type']}" for event in self.about(account_id)]

    def wait_for(self, types: set[str], account_id: str, *, seconds: float = 60.0) -> None:
        """Wait until all these types have been heard of one account; the test fails with those that have not."""
        deadline = time.monotonic() + seconds
        while missing := types - set(self.types(account_id)):
            assert time.monotonic() < deadline, f"not heard within {seconds:g} s: {sorted(missing)}"
            time.sleep(0.1)


@contextmanager
def overhearing(system: WholeSystem) -> Iterator[Overheard]:
    """Hear everything published inside the block."""
    queue = f"overhearing-{uuid4().hex[:8]}"
    with channel_to(system.broker_uri) as channel:
        channel.queue_declare(queue, durable=False, exclusive=True, auto_delete=True)
        for source in SERVICES:
            channel.queue_bind(queue, f"{source}.events", "#")
        yield Overheard(channel, queue)
