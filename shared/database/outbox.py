"""The outbox: an event becomes a row in the transaction that makes it true, and the relay takes it from there."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from shared import context
from shared.events import BODY_LIMIT_BYTES, Event, EventError
from shared.identifiers import new_id

if TYPE_CHECKING:
    import psycopg

INSERT: Final = """
INSERT INTO outbox (event_id, exchange, routing_key, subject, body, created_at)
VALUES (%(event_id)s, %(exchange)s, %(routing_key)s, %(subject)s, %(body)s, %(created_at)s)
ON CONFLICT (event_id) DO NOTHING
"""


class Outbox:
    """Writes events into the `outbox` table of the open transaction."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]], source: str) -> None:
        """`source` is the wire name of the publishing service."""
        self._connection = connection
        self.source = source
        self.added = 0
        """How many events this transaction has added."""

    def add(
        self, event: Event, *, now: datetime, sequence: int | None = None, event_id: UUID | None = None
    ) -> UUID:
        """Add `event`, stamped `now`, and return its id.

        Give `event_id` where the same event may be published twice, by two processes or after a restore: one that
        is in the outbox already is not added, and whoever has handled it knows it by its id.

        `sequence` is the version of the aggregate after the change; lock the aggregate's row first, so that ids
        keep its events in order. Raises `EventError` where the event does not fit its schema, is owned by
        another service, or is larger than 256 KiB.
        """
        if event.source not in (None, self.source):
            raise EventError(f"{event.type} belongs to {event.source}, not to {self.source}")
        event_id = event_id or new_id()
        body = encode(event, event_id=event_id, source=self.source, now=now, sequence=sequence)
        row = {
            "event_id": event_id,
            "exchange": f"{self.source}.events",
            "routing_key": event.type,
            "subject": event.subject,
            "body": body,
            "created_at": now,
        }
        self.added += self._connection.execute(INSERT, row).rowcount
        return event_id


def encode(event: Event, *, event_id: UUID, source: str, now: datetime, sequence: int | None) -> bytes:
    """The CloudEvents 1.0 JSON body of `event` in the present context."""
    origin = context.current()
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": source,
        "type": event.type,
        "time": now.isoformat(),
        "subject": event.subject,
        "datacontenttype": "application/json",
        "dataversion": event.version,
        "correlationid": str(origin.correlation_id),
        "causationid": str(origin.causation_id) if origin.causation_id else None,
        "sequence": sequence,
        "traceparent": origin.traceparent,
        "actor": origin.actor,
        "data": event.data(),
    }
    filled = {key: value for key, value in envelope.items() if value is not None}
    body = json.dumps(filled, separators=(",", ":"), ensure_ascii=False).encode()
    if len(body) > BODY_LIMIT_BYTES:
        raise EventError(f"{event.type} has {len(body)} bytes, more than {BODY_LIMIT_BYTES}")
    return body
