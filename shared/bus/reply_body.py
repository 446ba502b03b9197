"""What a reply looks like on the wire, and that it has room there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.bus.declarations import AnswersSpec
from shared.bus.rpc_client import encode
from shared.errors import Permanent
from shared.events import BODY_LIMIT_BYTES
from shared.keyset import Paged, with_room


def look(spec: AnswersSpec, method: Callable[..., Any], request: Any) -> Any:
    """What a call that changes nothing is answered with; a page has as many rows as a reply has room for."""

    def read(asked: Any) -> Any:
        return spec.write(method(asked))

    if not isinstance(request, Paged):
        return read(request)
    return with_room(request, read, lambda reply: len(_encoded(reply, None)) <= BODY_LIMIT_BYTES)


def body_of_reply(result: Any, error: dict[str, Any] | None) -> bytes:
    """The body of a reply. Raises `Permanent` for one that the bus has no room for."""
    encoded = _encoded(result, error)
    if len(encoded) > BODY_LIMIT_BYTES:
        raise Permanent(f"the reply has {len(encoded)} bytes, more than {BODY_LIMIT_BYTES}")
    return encoded


def _encoded(result: Any, error: dict[str, Any] | None) -> bytes:
    return encode({"result": result, "error": error})
