"""The calls in the AsyncAPI document: a request that a service receives, and its reply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import marshmallow as ma

from deploy.generators.asyncapi_parts import AMQP, Parts, component, messages, reference, routed, tags, told
from deploy.generators.broker_calls import calls_of_programs
from shared.bus import discovery, wire
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.every_service import EveryService
from shared.bus.rpc_wire import IDEMPOTENCY_KEY, KEY_PATTERN
from shared.calls import Call
from shared.errors import REFUSALS
from shared.json_schema import json_schemas
from shared.records import schema_class
from shared.system import SERVICES

CallClass = type[Call[Any]]
EVERY: Final = "every-service"
"""Stands for the name of the service where each of them answers."""
REPLIES: Final = "replies"
KEY: Final = {
    "type": "string",
    "pattern": f"^(?:{KEY_PATTERN.pattern})$",
    "description": "Chosen by the caller: a repeated call gets the first reply and changes nothing further.",
}
REQUEST: Final = {
    "type": "object",
    "description": "Fields go by name.",
    "required": ["args", "kwargs"],
    "properties": {"args": {"type": "array", "maxItems": 0}, "kwargs": {"type": "object"}},
}
REPLY: Final = {
    "type": "object",
    "required": ["result", "error"],
    "properties": {"result": {}, "error": {"oneOf": [component("schemas", "Error"), {"type": "null"}]}},
}
ERROR: Final = {
    "type": "object",
    "description": "Why there is no result: an exception as nameko tells it, and what our own callers read.",
    "required": ["exc_type", "exc_path", "exc_args", "value"],
    "properties": {
        "exc_type": {"type": "string"},
        "exc_path": {"type": "string"},
        "exc_args": {"type": "array"},
        "value": {"type": "string"},
        "code": {"enum": sorted(REFUSALS), "description": "Which refusal it is."},
        "details": {"type": "object"},
        "error_id": {"type": "string", "format": "uuid", "description": "Of a fault of ours; it is in the log."},
    },
}
BINDINGS: Final = component("channelBindings", wire.RPC_EXCHANGE)
TRAIT: Final = {"contentType": wire.CONTENT_TYPE, "tags": tags("call")}
REPLY_ADDRESS: Final = {"location": "$message.header#/reply_to", "description": "The AMQP property of that name."}


def parts() -> Parts:
    """What is asked and answered."""
    document = Parts(
        schemas={"Request": REQUEST, "Reply": REPLY, "Error": ERROR} | _schemas(),
        message_traits={"call": TRAIT},
        channel_bindings={wire.RPC_EXCHANGE: routed(wire.RPC_EXCHANGE)},
    )
    asked = calls_of_programs()
    for service, call in _calls():
        name = f"{service}.{call.method}"
        document.messages[f"{name}.request"] = _request(call)
        document.messages[f"{name}.reply"] = _reply(call)
        document.channels[name] = _channel(service, call)
        services = SERVICES if service == EVERY else (service,)
        callers = [
            program for program, of in asked.items() if any(call.method in of.get(each, ()) for each in services)
        ]
        document.operations[f"{service}.answers.{call.method}"] = {
            **_operation(name, call),
            "tags": tags(*services, "call"),
            "x-asked-by": callers,
        }
    # Whoever calls hears the replies from a queue of its own, so this channel has no address.
    replies = messages(name for name in document.messages if name.endswith(".reply"))
    document.channels[REPLIES] = {"messages": replies, "bindings": BINDINGS}
    return document


def _calls() -> Iterator[tuple[str, CallClass]]:
    for name, kind in ((EVERY, EveryService), *((each.name, each) for each in discovery.services())):
        for _, spec in specifications(kind):
            if isinstance(spec, AnswersSpec):
                yield name, spec.call


def _schemas() -> dict[str, Any]:
    calls = [call for _, call in _calls()]
    requests = [schema_class(call) for call in calls]
    replies = [schema_class(call.reply, tolerant=True) for call in calls]
    found = json_schemas([*requests, *replies], _name)
    for call in calls:
        if call.is_command:
            # No field of the call's own: the service takes it off before it reads the call.
            found[_name(schema_class(call))]["properties"].setdefault(IDEMPOTENCY_KEY, KEY)
    return found


def _name(schema: type[ma.Schema]) -> str:
    """The class's name, with its service's before it, for two services may call a thing alike.

    What is asked with is read strictly and what is answered tolerantly. A record that lies in both has two schemas.
    """
    record = vars(schema)["record"]
    package, service, *_ = record.__module__.split(".")
    name = f"{service.replace('_', '-')}.{record.__name__}" if package == "services" else record.__name__
    given = schema.Meta.unknown == ma.RAISE and not issubclass(record, Call)
    return f"{name}.given" if given else name


def _schema(schema: type[ma.Schema]) -> dict[str, str]:
    return component("schemas", _name(schema))


def _request(call: CallClass) -> dict[str, Any]:
    return _message(call.method, "Request", {"kwargs": _schema(schema_class(call))})


def _reply(call: CallClass) -> dict[str, Any]:
    result = {"oneOf": [_schema(schema_class(call.reply, tolerant=True)), {"type": "null"}]}
    return {**told(call.reply), **_message(call.reply.__name__, "Reply", {"result": result})}


def _message(name: str, shape: str, own: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "traits": [component("messageTraits", "call")],
        "payload": {"allOf": [component("schemas", shape), {"properties": own}]},
    }


def _channel(service: str, call: CallClass) -> dict[str, Any]:
    channel = {"messages": messages([f"{service}.{call.method}.request"]), "bindings": BINDINGS}
    if service != EVERY:
        return {"address": f"{service}.{call.method}"} | channel
    parameters = {"service": {"description": "Which service is asked.", "enum": list(SERVICES)}}
    return {"address": f"{{service}}.{call.method}", "parameters": parameters} | channel


def _operation(name: str, call: CallClass) -> dict[str, Any]:
    return {
        "action": "receive",
        **told(call),
        "channel": reference("channels", name),
        "messages": [reference("channels", name, "messages", f"{name}.request")],
        "reply": {
            "address": REPLY_ADDRESS,
            "channel": reference("channels", REPLIES),
            "messages": [reference("channels", REPLIES, "messages", f"{name}.reply")],
        },
        "bindings": {"amqp": {"expiration": int(call.seconds * 1000), **AMQP}},
        "x-command": call.is_command,
        "x-refusals": [error.code for error in call.refusals],
    }
