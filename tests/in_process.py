"""Calls a service in the test's own process as the bus does: JSON in, JSON out, a transaction for a command."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from shared.bus.declarations import AnswersSpec, Declared, EverySpec, Feature, HandlesSpec, Service
from shared.bus.every_service import EveryService
from shared.bus.probes import Probes
from shared.bus.reply_body import look
from shared.bus.rpc_client import encode
from shared.calls import Call
from shared.events import Received
from shared.records import Record

F = TypeVar("F", bound=Feature)
R = TypeVar("R", bound=Record)


def invoke(service: Service, method: str, **fields: Any) -> Any:
    """The reply as a caller reads it off the wire. Raises what the method raises, `Invalid` for unfit fields."""
    _, spec, bound = _declared(service, method, AnswersSpec)
    request = spec.read(json.loads(json.dumps(fields, default=str)))
    if not spec.call.is_command:
        return _as_sent(look(spec, bound, request))
    found = spec.ahead(bound.__self__, request)
    with service.database.transaction() as tx:
        return _as_sent(spec.write(bound(request, tx, *found)))


def ask(service: Service, call: Call[R]) -> R:
    """The reply as a caller gets it that asks with the class."""
    reply: R = call.reply.from_json(invoke(service, call.method, **call.to_json()))
    return reply


def run(service: Service, name: str) -> None:
    """Do once what the service, or a feature of it, does on time under this name."""
    _declared(service, name, EverySpec).method()


def hear(service: Service, message: Received[Any], *, source: str | None = None) -> None:
    """Let the service hear an event as the bus does, in one transaction. Fails where it hears none from there."""
    heard = [
        method
        for _, spec, method in service.declared()
        if isinstance(spec, HandlesSpec)
        and spec.event is type(message.event)
        and (source or message.source) in spec.sources
    ]
    assert heard, f"{service.name} does not hear {type(message.event).__name__} from {source or message.source}"
    with service.database.transaction() as tx:
        for method in heard:
            method(message, tx)


def seen(service: Service) -> dict[str, int]:
    """What each probe of the service finds now; one that cannot look is missing."""
    return {name: look.count for name, look in Probes(service).look().items()}


def feature(service: Service, kind: type[F]) -> F:
    """The service's own feature of this class."""
    (found,) = (each for each in service.features if isinstance(each, kind))
    return found


def _declared(service: Service, name: str, spec: type[Any]) -> Declared:
    declared = (*service.declared(), *EveryService(service).declared())
    (found,) = (each for each in declared if each.name == name and isinstance(each.spec, spec))
    return found


def _as_sent(reply: Any) -> Any:
    return json.loads(encode(reply))
