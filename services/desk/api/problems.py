"""What went wrong, as a problem document (RFC 9457), and a document read as what went wrong.

Whoever asks over HTTP meets the same kinds of failure as over the bus: `error_of` undoes `document_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from shared.errors import (
    REFUSALS,
    DeadlineExceeded,
    Internal,
    Refused,
    Transient,
    Unavailable,
    VilkarError,
)
from shared.http.refusal_headers import RETRY_SECONDS, refusal_headers
from shared.identifiers import new_id

CONTENT_TYPE: Final = "application/problem+json"
CHALLENGE: Final = 'Bearer realm="vilkar desk"'
UNAVAILABLE, OUT_OF_TIME, INTERNAL = "unavailable", "deadline_exceeded", "internal"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A problem document: `body` is its JSON."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def document_of(error: Exception) -> Document:
    """The document for whatever was raised. A fault of ours tells its number and nothing else."""
    if isinstance(error, Refused):
        return _document(
            error.status,
            error.code,
            error.message,
            headers=refusal_headers(error, challenge=CHALLENGE),
            details=error.details,
        )
    if isinstance(error, Transient):
        late = isinstance(error, DeadlineExceeded)
        status, code = (504, OUT_OF_TIME) if late else (503, UNAVAILABLE)
        return _document(status, code, str(error), headers={"Retry-After": str(RETRY_SECONDS)})
    number = error.error_id if isinstance(error, Internal) else str(new_id())
    return _document(500, INTERNAL, "The fault is recorded under the given id.", error_id=number)


def _document(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Document:
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    return Document(status=status, body=body | {name: it for name, it in more.items() if it}, headers=headers or {})


def error_of(status: int, body: Any) -> VilkarError:
    """What a document says went wrong. What is none is a fault, of the desk or of something before it."""
    document: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    code, detail, details = document.get("code"), document.get("detail"), document.get("details")
    message = detail if isinstance(detail, str) else None
    if isinstance(code, str) and code in REFUSALS:
        return REFUSALS[code](message, details=dict(details) if isinstance(details, Mapping) else {})
    if code == OUT_OF_TIME:
        return DeadlineExceeded(message or "a service did not answer in time")
    if code == UNAVAILABLE or (code is None and status in (502, 503, 504)):
        return Unavailable(message or "the desk does not answer now")
    if code == INTERNAL or status >= 500 or not isinstance(code, str):  # noqa: PLR2004  # faults of the server
        number = document.get("error_id")
        return Internal(number if isinstance(number, str) else f"desk-{status}")
    return Refused(message, details={"reason": code})
