"""What the events and the calls both bring into the AsyncAPI document."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

AMQP: Final = {"bindingVersion": "0.3.0"}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Named parts of the document, by kind."""

    channels: dict[str, Any] = field(default_factory=dict)
    channel_bindings: dict[str, Any] = field(default_factory=dict)
    operations: dict[str, Any] = field(default_factory=dict)
    operation_traits: dict[str, Any] = field(default_factory=dict)
    messages: dict[str, Any] = field(default_factory=dict)
    message_traits: dict[str, Any] = field(default_factory=dict)
    schemas: dict[str, Any] = field(default_factory=dict)


def reference(*steps: str) -> dict[str, str]:
    """Where something stands in the document."""
    return {"$ref": "/".join(("#", *steps))}


def component(kind: str, name: str) -> dict[str, str]:
    """Where a component stands."""
    return reference("components", kind, name)


def tags(*names: str) -> list[dict[str, str]]:
    """References to tags."""
    return [component("tags", name) for name in names]


def messages(names: Iterable[str]) -> dict[str, Any]:
    """The messages of a channel."""
    return {name: component("messages", name) for name in names}


def routed(exchange: str) -> dict[str, Any]:
    """The binding of a channel whose address is a routing key."""
    made = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {"amqp": {"is": "routingKey", "exchange": made, **AMQP}}


def queued(queue: str) -> dict[str, Any]:
    """The binding of a channel that is a queue."""
    return {"amqp": {"is": "queue", "queue": {"name": queue, "durable": True}, **AMQP}}


def first_sentences(documented: type) -> str:
    """The first paragraph of a class's docstring."""
    return " ".join((inspect.getdoc(documented) or "").split("\n\n")[0].split())


def told(documented: type) -> Mapping[str, str]:
    """What the docstring of a class says: its first paragraph, and the others where there are any."""
    others = (inspect.getdoc(documented) or "").split("\n\n")[1:]
    description = "\n\n".join(" ".join(each.split()) for each in others)
    return {"summary": first_sentences(documented)} | ({"description": description} if description else {})
