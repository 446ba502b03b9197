"""Calls a service in the test's own process as the bus does: JSON in, JSON out, a transaction for a command."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from shared.bus.declarations import SPEC_ATTRIBUTE, AnswersSpec, Service
from shared.bus.rpc_client import encode
from shared.calls import Call
from shared.records import Record

R = TypeVar("R", bound=Record)


def invoke(service: Service, method: str, **fields: Any) -> Any:
    """The reply as a caller reads it off the wire. Raises what the method raises, `Invalid` for unfit fields."""
    bound = getattr(service, method)
    spec: AnswersSpec = getattr(bound, SPEC_ATTRIBUTE)
    request = spec.read(json.loads(json.dumps(fields, default=str)))
    if not spec.call.is_command:
        return _as_sent(spec.write(bound(request)))
    with service.database.transaction() as tx:
        return _as_sent(spec.write(bound(request, tx)))


def ask(service: Service, call: Call[R]) -> R:
    """The reply as a caller gets it that asks with the class."""
    reply: R = call.reply.from_json(invoke(service, call.method, **call.to_json()))
    return reply


def _as_sent(reply: Any) -> Any:
    return json.loads(encode(reply))
