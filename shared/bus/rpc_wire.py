"""A call and its answer on the wire: nameko's format, and our headers beside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.bus import wire
from shared.bus.actors import may_claim, presumed
from shared.context import Context
from shared.identifiers import new_id

HEADER_CORRELATION: Final = "vilkar.correlation-id"
HEADER_CAUSATION: Final = "vilkar.causation-id"
HEADER_ACTOR: Final = "vilkar.actor"
HEADER_SESSION: Final = "vilkar.session"
HEADER_STATEMENT: Final = "vilkar.statement"
IDEMPOTENCY_KEY: Final = "idempotency_key"
"""The argument that a command takes besides its own."""
KEY_PATTERN: Final = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
SESSIONS_OF: Final = "account"
"""The service that knows sessions; no other is sent one."""


def context_headers(carried: Context, *, user: str, service: str) -> dict[str, Any]:
    """The headers that carry the context of a call of `user` to `service`: ids, the trace, who acts and its proof.

    Who acts is said only where the caller may say it: else the called service presumes it.
    """
    headers = {HEADER_CORRELATION: str(carried.correlation_id)}
    if may_claim(user, carried.actor):
        headers[HEADER_ACTOR] = carried.actor
    if carried.session is not None and service == SESSIONS_OF:
        headers[HEADER_SESSION] = carried.session
    if carried.signed_statement is not None:
        headers[HEADER_STATEMENT] = carried.signed_statement
    if carried.causation_id is not None:
        headers[HEADER_CAUSATION] = str(carried.causation_id)
    if carried.traceparent is not None:
        headers[wire.HEADER_TRACEPARENT] = carried.traceparent
    return headers


def context_of(headers: Mapping[str, Any] | None, *, user: str) -> Context:
    """The context that `headers` of `user` carry; a new one where they carry none.

    Unknown headers are not carried on, and a claim that the user may not make is not believed. Neither session nor
    signed statement is kept.
    """
    known = headers or {}
    actor = text_of(known, HEADER_ACTOR)
    return Context(
        correlation_id=wire.uuid_of(known.get(HEADER_CORRELATION)) or new_id(),
        causation_id=wire.uuid_of(known.get(HEADER_CAUSATION)),
        traceparent=wire.propagated(known).get(wire.HEADER_TRACEPARENT),
        actor=actor if actor and wire.ACTOR.fullmatch(actor) and may_claim(user, actor) else presumed(user),
    )


def text_of(headers: Mapping[str, Any], name: str) -> str | None:
    """A header that is text, else None."""
    value = headers.get(name)
    return value if isinstance(value, str) else None


def deadline_of(headers: Mapping[str, Any] | None) -> int | None:
    """When nobody waits for the answer any more, in milliseconds since 1970; None where the caller said nothing."""
    value = (headers or {}).get(wire.HEADER_DEADLINE)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
