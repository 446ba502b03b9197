"""The SDK of CloudEvents reads our events, and what it writes we read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from deploy.generators import shapes
from shared.bus import discovery, wire
from shared.events import Event

pytestmark = pytest.mark.contract

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAME_LIMIT = 20
"""How long the specification wants the name of an attribute to be at most."""
OWN = {"specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data"}


@pytest.mark.parametrize("full", [True, False], ids=["full", "least"])
@pytest.mark.parametrize("event", discovery.events(), ids=lambda event: f"{event.type}.v{event.version}")
def test_the_sdk_reads_every_event_and_we_read_what_it_writes(event: type[Event], full: bool) -> None:
    body = shapes.example_body(event, full=full)
    told = json.loads(body)
    read = JSONFormat().read(CloudEvent, body)
    assert read.get_type() == event.type
    assert read.get_source() == told["source"]
    assert read.get_subject() == told["subject"]
    assert read.get_data() == told["data"]
    extensions = told.keys() - OWN
    assert {name: read.get_extension(name) for name in extensions} == {name: told[name] for name in extensions}
    assert [
        name for name in extensions if not (name.isalnum() and name.islower() and len(name) <= NAME_LIMIT)
    ] == []
    written = JSONFormat().write(read)
    for content_type in wire.ACCEPTED_CONTENT_TYPES:
        ours = wire.decode(
            written,
            content_type=content_type,
            headers={},
            exchange=wire.events_exchange(told["source"]),
            routing_key=event.type,
            received_at=NOW,
        )
        assert str(ours.id) == told["id"]
        assert ours.sequence == told.get("sequence")
        assert event.from_data(ours.data).data() == told["data"]
