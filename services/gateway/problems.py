"""Errors as `application/problem+json` (RFC 9457): what went wrong and what to do, never how it looks inside."""

from __future__ import annotations

import json
from typing import Any, Final

from werkzeug.wrappers import Response

from services.gateway.problem_words import PROBLEMS
from services.gateway.rendering import vendor
from shared import log
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    Internal,
    Invalid,
    Refused,
    Unavailable,
)
from shared.http.bodies import MethodNotAllowed
from shared.http.refusal_headers import RETRY_SECONDS, refusal_headers
from shared.identifiers import new_id
from shared.terms.texts import LANGUAGES

logger = log.get("gateway")

CONTENT_TYPE: Final = "application/problem+json"
ENGLISH: Final = LANGUAGES.index("en")
"""Programs and their authors are told in English; the page of a kind is in both languages."""
CHALLENGE: Final = 'Bearer realm="vilkar"'
TELLING_HEADERS: Final = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})
"""Those that belong to a refusal, whether it is told as a document or as a page."""


def problem(status: int, code: str, detail: str, **extra: Any) -> Response:
    """A problem document; its type leads to the page of its kind. `extra` stands beside the standard members."""
    body = {
        "type": f"/problems/{code}",
        "title": PROBLEMS[code].title[ENGLISH],
        "status": status,
        "detail": detail,
        **extra,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, content_type=CONTENT_TYPE)


def of_error(error: Exception) -> Response:
    """The answer for whatever was raised while a request was handled."""
    if isinstance(error, Refused):
        return _refused(error)
    if isinstance(error, (Unavailable, DeadlineExceeded)):
        logger.warning("a call was not answered", exc_info=error)
        answer = problem(503, "unavailable", "Try again in a little while.")
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    error_id = error.error_id if isinstance(error, Internal) else str(new_id())
    logger.error("a request failed", exc_info=error, error_id=error_id)
    return problem(500, "internal", "The fault is recorded under the given id.", error_id=error_id)


def _refused(error: Refused) -> Response:
    code = error.code if error.code in PROBLEMS else "refused"
    answer = problem(error.status, code, _detail(error), **_told(error))
    answer.headers.update(refusal_headers(error, challenge=CHALLENGE))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.details["allow"]))
    return answer


def _detail(error: Refused) -> str:
    """Why, and whom to ask where nobody but the vendor can help."""
    if not error.asks_vendor:
        return error.message
    return f"{error.message}. Ask {vendor().name}, {vendor().contact}."


def _told(error: Refused) -> dict[str, Any]:
    """What of the details goes out: what is wrong with which field, the version to read again, and whom to ask."""
    details, extensions = error.details, {}
    errors = details.get("errors") or details.get("fields")
    if errors is None and isinstance(error, Invalid):
        errors = details
    if errors:
        extensions["errors"] = errors
    if isinstance(error, Conflict) and "version" in details:
        extensions["current_version"] = details["version"]
    if error.asks_vendor:
        extensions |= {"reason": details["reason"], "contact": vendor().contact}
    return extensions
