"""The events in the AsyncAPI document: who publishes each to which exchange, and from which queues it is heard.

An exchange with a routing key is a channel, and so is the queue of a listener: who publishes sends to the first,
who listens receives from the second.
"""

from __future__ import annotations

import json
from typing import Any, Final

from deploy.generators import shapes
from deploy.generators.asyncapi_parts import AMQP, Parts, component, messages, queued, reference, routed, tags, told
from shared.bus import discovery, topology, wire
from shared.events import CODE_PATTERN, Event, schema_of
from shared.json_schema import json_schemas

UUID: Final = {"type": "string", "format": "uuid"}
TRACEPARENT: Final = {"type": "string", "pattern": f"^{wire.TRACEPARENT.pattern}$"}
ATTRIBUTES: Final[dict[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": UUID | {"description": "The same where a message comes twice."},
    "source": {
        "type": "string",
        "pattern": f"^{wire.SERVICE.pattern}$",
        "description": "The service.",
    },
    "type": {"type": "string", "pattern": f"^{CODE_PATTERN.pattern}$"},
    "time": {"type": "string", "format": "date-time"},
    "subject": {
        "type": "string",
        "pattern": f"^{wire.SUBJECT.pattern}$",
        "description": "What it is about, `<kind>/<id>`; its events keep their order.",
    },
    "datacontenttype": {"const": wire.CONTENT_TYPE},
    "dataversion": {"type": "integer", "minimum": 1, "description": "The version of the type."},
    "correlationid": UUID | {"description": "The same in all that one request or job set off."},
    "causationid": UUID | {"description": "The message that caused it."},
    "sequence": {"type": "integer", "description": "The version of the subject after the change."},
    "traceparent": TRACEPARENT,
    "actor": {
        "type": "string",
        "pattern": f"^{wire.ACTOR.pattern}$",
        "description": "Who did it: `user:<id>`, `staff:<code>`, `system` or `public`.",
    },
    "data": {"type": "object"},
}
OPTIONAL: Final = {"causationid", "sequence", "traceparent"}
ENVELOPE: Final = {
    "type": "object",
    "description": "What stands around each event: CloudEvents 1.0 with attributes of our own.",
    "properties": ATTRIBUTES,
    "required": sorted(ATTRIBUTES.keys() - OPTIONAL),
}
MESSAGE_TRAIT: Final = {
    "contentType": wire.CONTENT_TYPE,
    "correlationId": {"location": "$message.payload#/correlationid"},
    "headers": {"type": "object", "properties": {wire.HEADER_TRACEPARENT: TRACEPARENT}},
    "bindings": {"amqp": {"contentEncoding": "utf-8", **AMQP}},
    "tags": tags("event"),
}
OPERATION_TRAITS: Final = {
    "send": {"bindings": {"amqp": {"deliveryMode": wire.PERSISTENT, "timestamp": True, **AMQP}}},
    "receive": {"bindings": {"amqp": {"ack": True, **AMQP}}},
}


def parts() -> Parts:
    """What is published and heard."""
    events = discovery.events()
    document = Parts(
        schemas={"Envelope": ENVELOPE} | _schemas(events),
        messages={_name(event): _message(event) for event in events},
        message_traits={"event": MESSAGE_TRAIT},
        operation_traits=OPERATION_TRAITS,
    )
    for source, event_type, queues in _paths(events):
        exchange = wire.events_exchange(source)
        versions = messages(_name(event) for event in events if event.type == event_type)
        channel = f"{exchange}.{event_type}"
        bindings = component("channelBindings", exchange)
        document.channel_bindings[exchange] = routed(exchange)
        document.channels[channel] = {"address": event_type, "messages": versions, "bindings": bindings}
        document.operations[f"{source}.sends.{event_type}"] = _operation("send", source, channel)
        for queue in queues:
            listener = queue.rpartition("--")[2]
            document.channels[queue] = {"address": queue, "messages": versions, "bindings": queued(queue)}
            receives = f"{listener}.receives.{event_type}.of.{source}"
            document.operations[receives] = _operation("receive", listener, queue)
    return document


def _paths(events: list[type[Event]]) -> list[tuple[str, str, list[str]]]:
    """Each type by the service that publishes it, with the queues to which it goes, in order of type."""
    known: dict[tuple[str, str], list[str]] = {(e.type, e.source): [] for e in events if e.source is not None}
    for binding in topology.of_this_system().bindings:
        source, suffix, _ = binding.exchange.rpartition(wire.EVENTS_SUFFIX)
        if suffix:
            known.setdefault((binding.routing_key, source), []).append(binding.queue)
    return [(source, event_type, queues) for (event_type, source), queues in sorted(known.items())]


def _operation(action: str, service: str, channel: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": reference("channels", channel),
        "traits": [component("operationTraits", action)],
        "tags": tags(service, "event"),
    }


def _name(event: type[Event]) -> str:
    return f"{event.type}.v{event.version}"


def _schemas(events: list[type[Event]]) -> dict[str, Any]:
    names = {type(schema_of(event)): _name(event) for event in events}
    found = json_schemas(names, names.__getitem__)
    for schema in found.values():
        # Strict is who writes; a reader passes over fields that a later edition adds.
        del schema["additionalProperties"]
    return found


def _message(event: type[Event]) -> dict[str, Any]:
    own: dict[str, Any] = {"type": {"const": event.type}, "dataversion": {"const": event.version}}
    if event.source is not None:
        own["source"] = {"const": event.source}
    own["data"] = component("schemas", _name(event))
    return {
        "name": event.type,
        **told(event),
        "traits": [component("messageTraits", "event")],
        "payload": {"allOf": [component("schemas", "Envelope"), {"properties": own}]},
        "bindings": {"amqp": {"messageType": event.type, **AMQP}},
        "examples": [{"payload": json.loads(shapes.example_body(event, full=True))}],
    }
