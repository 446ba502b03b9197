"""A call and its answer on the wire: nameko's format, and our headers beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from shared.bus import wire
from shared.context import Context
from shared.identifiers import new_id

HEADER_CORRELATION: Final = "vilkar.correlation-id"
HEADER_CAUSATION: Final = "vilkar.causation-id"
HEADER_ACTOR: Final = "vilkar.actor"


def context_headers(story: Context) -> dict[str, Any]:
    """The headers that carry the context of a call: ids, the trace and who acts, nothing else."""
    headers = {HEADER_CORRELATION: str(story.correlation_id), HEADER_ACTOR: story.actor}
    if story.causation_id is not None:
        headers[HEADER_CAUSATION] = str(story.causation_id)
    if story.traceparent is not None:
        headers[wire.HEADER_TRACEPARENT] = story.traceparent
    return headers


def context_of(headers: Mapping[str, Any] | None) -> Context:
    """The context that `headers` carry; a new story where they carry none. Unknown headers are not carried on."""
    known = headers or {}
    actor = known.get(HEADER_ACTOR)
    return Context(
        correlation_id=_uuid(known.get(HEADER_CORRELATION)) or new_id(),
        causation_id=_uuid(known.get(HEADER_CAUSATION)),
        traceparent=wire.propagated(known).get(wire.HEADER_TRACEPARENT),
        actor=actor if isinstance(actor, str) and wire.ACTOR.fullmatch(actor) else "system",
    )


def deadline_of(headers: Mapping[str, Any] | None) -> int | None:
    """When nobody waits for the answer any more, in milliseconds since 1970; None where the caller said nothing."""
    value = (headers or {}).get(wire.HEADER_DEADLINE)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _uuid(value: Any) -> UUID | None:
    if not isinstance(value, str):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
