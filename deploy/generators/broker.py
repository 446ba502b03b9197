"""What the broker must have, from the services' declarations."""

from __future__ import annotations

import json

from shared.bus import topology


def definitions() -> dict[str, str]:
    """RabbitMQ's definitions without users; those are made with their passwords where the system is set up."""
    return {"deploy/rabbitmq/definitions.json": _json(topology.definitions(topology.of_this_system()))}


def unheard() -> dict[str, str]:
    """The event types that nobody hears, which the relay publishes without asking for a queue."""
    return {"shared/bus/unheard_events.json": _json(topology.of_this_system().unheard)}


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
