"""The little of HTTP that all rooms share: JSON answers, matching a path, and what a vendor must offer."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.faults import Fault, Outcome

Handler = Callable[..., Response]
MAX_BODY_BYTES: Final = 54_945_382  # 52.4 MiB, the limit Mailgun names; the others are not known to be lower


class Vendor(Protocol):
    """One of the services that the sandbox stands in for."""

    name: str

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call; `path` is what follows the vendor's base URL and begins with a slash."""

    def refuse(self, outcome: Outcome, fault: Fault) -> Response:
        """The answer this vendor gives when it fails in the way of `outcome`."""

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """Everything this vendor holds about anybody now: kind of document -> its key and content."""

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change settings of the stand-in (none when empty) and return all; ValueError for an unknown one."""

    def reset(self) -> None:
        """Prepare again after the store was emptied."""


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with a JSON body; letters outside ASCII are sent as they are."""
    text = json.dumps(body, ensure_ascii=False)
    # Half a surrogate pair can be received in JSON and cannot be sent as UTF-8.
    return Response(text.encode("utf-8", "replace"), status=status, mimetype="application/json", headers=headers)


def json_body(request: Request) -> Any:
    """The request's JSON; ValueError when it is none."""
    return json.loads(request.get_data(as_text=True) or "null")


def check_size(request: Request) -> None:
    """Raise RequestEntityTooLarge for a body that says it is larger than the limit."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge


def unzip(request: Request) -> None:
    """Let a gzipped body be read as if it had been sent plain. RequestEntityTooLarge beyond the limit."""
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return
    plain = zlib.decompressobj(wbits=31).decompress(request.get_data(), MAX_BODY_BYTES + 1)
    if len(plain) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    # What was read once stays cached under these names; the form is parsed from the new stream.
    request.environ["wsgi.input"] = io.BytesIO(plain)
    request.environ["CONTENT_LENGTH"] = str(len(plain))
    for cached in ("stream", "form", "files", "data"):
        request.__dict__.pop(cached, None)
    request.__dict__.pop("_cached_data", None)


class Routes:
    """Paths and the functions that answer them."""

    def __init__(self, table: Sequence[tuple[str, str, Handler]]) -> None:
        """`table` holds (method, path pattern, function); functions get the request and the path's parts."""
        self._map = _map_of(tuple((method, pattern) for method, pattern, _ in table))
        self._handlers = [handler for _, _, handler in table]

    def find(self, request: Request, path: str) -> tuple[Handler, dict[str, Any]]:
        """The function for this call; werkzeug's NotFound or MethodNotAllowed when there is none."""
        adapter = self._map.bind(request.host, url_scheme=request.scheme)
        place, values = adapter.match(path, method=request.method)
        return self._handlers[place], dict(values)


@cache
def _map_of(addresses: tuple[tuple[str, str], ...]) -> Map:
    """Which (method, path pattern) is at which place; made once, for every test has a sandbox of its own."""
    rules = [Rule(pattern, methods=[method], endpoint=place) for place, (method, pattern) in enumerate(addresses)]
    return Map(rules, strict_slashes=False, merge_slashes=False)


__all__ = [
    "MAX_BODY_BYTES",
    "HTTPException",
    "Handler",
    "MethodNotAllowed",
    "NotFound",
    "Request",
    "Response",
    "Routes",
    "Vendor",
    "check_size",
    "json_answer",
    "json_body",
    "unzip",
]
