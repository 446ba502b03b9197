"""What a request of HTTP brings, read strictly: its body as one JSON object, its token, its idempotency key.

Left to themselves the libraries read more than JSON is, and pass on what no service could keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable
from io import BytesIO
from typing import Any, Final

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request

from shared.errors import Invalid, Refused, Unauthenticated

DEPTH_LIMIT: Final = 16
TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,200}=*")
IDEMPOTENCY_KEY_LIMIT: Final = 100
PARTS_MOST: Final = 500
"""So many fields a form may have, read or not: each of them costs time, however little stands in it."""
URL_ENCODED: Final = "application/x-www-form-urlencoded"
JSON_TYPES: Final = frozenset({"application/json", "application/problem+json"})


class Malformed(Refused):
    """The body is not one JSON object, has a key twice, or is nested too deeply."""

    code = "malformed"


class TooLarge(Refused):
    """The body is larger than what is taken here."""

    code = "too_large"
    status = 413


class UnsupportedMediaType(Refused):
    """The body's content type must be application/json."""

    code = "unsupported_media_type"
    status = 415


class InvalidToken(Unauthenticated):
    """There is no valid session for this request."""

    challenge = 'Bearer realm="vilkar", error="invalid_token"'


class MethodNotAllowed(Refused):
    """This method is not offered at this address."""

    code = "method_not_allowed"
    status = 405


def bearer_token(request: Request) -> str:
    """The token in `Authorization`. Raises `Unauthenticated` where there is none, `InvalidToken` for no token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    if not TOKEN.fullmatch(token):
        raise InvalidToken
    return token


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key`, None without one. Raises `Invalid`."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= IDEMPOTENCY_KEY_LIMIT or not key.isprintable():
        raise Invalid("The Idempotency-Key must have 1 to 100 printable characters.")
    return key


def read_bytes(request: Request, limit: int) -> bytes:
    """The body, of at most `limit` bytes. Raises `TooLarge`."""
    if (request.content_length or 0) > limit:
        raise TooLarge(f"At most {limit // 1024} KiB are taken here.")
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"At most {limit // 1024} KiB are taken here.")
    return bytes(body)


def read_form(request: Request, limit: int, names: Container[str], *, most: int) -> list[tuple[str, str]]:
    """The fields of a form whose name, in small letters, is one of these, in order; a name may stand repeatedly.

    Files, and parts without a name, are passed over. A body that is no form has no fields. Raises `TooLarge` for
    more than `limit` bytes, more than `PARTS_MOST` fields of any name, or more than `most` such fields.
    """
    body = read_bytes(request, limit)
    if request.mimetype == URL_ENCODED and body.count(b"&") >= PARTS_MOST:
        raise TooLarge(f"At most {PARTS_MOST} fields are taken here.")
    parser = FormDataParser(_passed_over, max_form_memory_size=limit, max_form_parts=PARTS_MOST)
    try:
        _, form, _ = parser.parse(BytesIO(body), request.mimetype, len(body), request.mimetype_params)
    except RequestEntityTooLarge:
        raise TooLarge(f"At most {limit // 1024} KiB and {PARTS_MOST} fields are taken here.") from None
    named: Iterable[tuple[str | None, str]] = form.items(multi=True)
    fields = [(name, value) for name, value in named if name is not None and name.strip().lower() in names]
    if len(fields) > most:
        raise TooLarge(f"At most {most} fields are taken here.")
    return fields


def _passed_over(*_: Any, **__: Any) -> BytesIO:
    """Where a file of a form is read to: some memory that goes with the request."""
    return BytesIO()


def read_json(request: Request, limit: int) -> dict[str, Any]:
    """The body as one JSON object. Raises `UnsupportedMediaType`, `TooLarge` or `Malformed`."""
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType
    return parse_json(read_bytes(request, limit))


def parse_json(body: bytes) -> dict[str, Any]:
    """One JSON object, without duplicate keys, NaN or deep nesting. Raises `Malformed`."""
    try:
        # Left to itself, json would read UTF-16 too, and half characters in UTF-8.
        text = body.decode("utf-8")
        parsed = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed("The body is not a JSON object with each key once.") from None
    if _has_half_characters(text, parsed):
        raise Malformed("The body holds half a character.")
    if not isinstance(parsed, dict) or _depth(parsed) > DEPTH_LIMIT:
        raise Malformed("The body must be one JSON object, nested at most 16 deep.")
    return parsed


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _has_half_characters(text: str, parsed: Any) -> bool:
    """Whether a text is none: a surrogate without its other half cannot be written down or sent on."""
    if "\\u" not in text:
        return False
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting.extend((child, depth + 1) for child in children)
    return deepest
