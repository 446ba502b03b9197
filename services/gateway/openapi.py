"""The OpenAPI 3.1 document, made from the table of endpoints and its schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from apispec import APISpec

from services.gateway import problems
from services.gateway.app import Endpoint
from services.gateway.rendering import vendor
from shared.http.bodies import IDEMPOTENCY_KEY_LIMIT
from shared.json_schema import OPENAPI, SchemaPlugin
from shared.records import schema_class

PATH_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
TAGS: Final = {
    "account": "The company, its contract and its state.",
    "session": "Logging in and out, passwords, one's own address.",
    "user": "The people of the company.",
    "erasure": "What is erased when, and the certificates.",
    "support": "What somebody writes to support and is answered; nobody else of the company reads it.",
    "incident": "Breaches of personal data that concern the company, and what it reports itself.",
    "right": "What a person asks for about data of theirs (GDPR articles 15 to 22), and how it stands.",
    "letter": "Letters that one may decline.",
    "vendor": "Called by vendors.",
}
REFUSALS: Final = {
    400: "The request or its body cannot be read",
    401: "There is no valid session, or the password is wrong",
    403: "This is not allowed",
    404: "There is no such thing",
    408: "The request did not arrive in time",
    409: "It has changed since it was read, or is not in a state that allows this",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "Fields are unknown, missing or malformed",
    423: "The account is inactive or closed",
    429: "Too many attempts",
    431: "The headers are too large",
    500: "Something went wrong on our side",
    502: "The service does not answer at the moment",
    503: "The service does not answer at the moment",
    504: "The service does not answer at the moment",
}
HEADERS: Final = {
    401: ("WWW-Authenticate", "How one says who one is."),
    429: ("Retry-After", "Seconds to wait."),
    503: ("Retry-After", "Seconds to wait."),
}
ALWAYS: Final = frozenset({400, 404, 408, 413, 431, 500, 502, 503, 504})
"""Of every operation: from the table of addresses, from the proxy in front, from a service that is away."""


def plain_path(endpoint: Endpoint) -> str:
    """The address with its parameters as a reader of the description knows them: `/v1/users/{user_id}`."""
    return PATH_PARAMETER.sub(lambda found: f"{{{found.group(2)}}}", endpoint.path)


def document(endpoints: Iterable[Endpoint], *, version: str, public_url: str) -> dict[str, Any]:
    """The document as plain values; `public_url` is where customers reach us."""
    spec = APISpec(
        title="Vilkår",
        version=version,
        openapi_version=OPENAPI,
        info={
            "description": "The terms a software vendor publishes, running as software.",
            "contact": {"name": vendor().name, "url": f"{public_url.rstrip('/')}/terms", "email": vendor().contact},
            "license": {"name": "The published terms", "url": f"{public_url.rstrip('/')}/terms"},
        },
        servers=[{"url": public_url.rstrip("/")}],
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        plugins=[SchemaPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _problem())
    for status in REFUSALS:
        spec.components.response(f"Refused{status}", _refusal(status))
    spec.components.parameter("IdempotencyKey", "header", _idempotency_key())
    for endpoint in endpoints:
        spec.path(path=plain_path(endpoint), operations={endpoint.method.lower(): _operation(endpoint)})
    return dict(spec.to_dict())


def _name(schema: Any) -> str:
    made = schema if isinstance(schema, type) else type(schema)
    return str(made.__name__)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    parameters: list[Any] = [_parameter(kind, name) for kind, name in PATH_PARAMETER.findall(endpoint.path)]
    if endpoint.query is not None:
        parameters.append({"in": "query", "schema": endpoint.query})
    if endpoint.keyed:
        parameters.append("IdempotencyKey")
    operation: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "description": f"{endpoint.summary}.",
        "tags": [endpoint.tag],
        "parameters": parameters,
        "responses": _responses(endpoint),
        "security": [{"session": []}] if endpoint.needs_session else [],
    }
    if endpoint.request is not None:
        content = {"application/json": {"schema": endpoint.request}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(kind: str, name: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"} if kind == "uuid" else {"type": "string"}
    about = f"The {name.removesuffix('_id')}."
    return {"in": "path", "name": name, "required": True, "description": about, "schema": schema}


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "required": False,
        "description": "Chosen by the client. A repetition with the same key within a day changes nothing further.",
        "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_LIMIT},
    }


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if endpoint.reply is not None:
        described = schema_class(endpoint.reply, tolerant=True)
        success["content"] = {"application/json": {"schema": described}}
    if endpoint.file_type is not None:
        success["content"] = {endpoint.file_type: {"schema": {"type": "string", "format": "binary"}}}
    statuses = ALWAYS | set(endpoint.refusals)
    if endpoint.request is not None:
        statuses |= {409, 415, 422}
    if endpoint.keyed or endpoint.query is not None:
        statuses |= {422}
    if endpoint.needs_session:
        statuses |= {401, 403, 423}
    if endpoint.limit is not None:
        statuses |= {401, 429}
    refusals = {str(status): f"Refused{status}" for status in sorted(statuses)}
    bare = {str(status): {"description": "Refused, without a body"} for status in endpoint.bare_refusals}
    return {str(endpoint.status): success} | refusals | bare


def _refusal(status: int) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": REFUSALS[status],
        "content": {problems.CONTENT_TYPE: {"schema": PROBLEM}},
    }
    if status in HEADERS:
        name, about = HEADERS[status]
        response["headers"] = {name: {"description": about, "schema": {"type": "string"}}}
    return response


@cache
def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "The kind of problem, and a page that says what it means and what to do.",
                "examples": ["/problems/conflict"],
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "object"},
            "current_version": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            "error_id": {"type": "string"},
            "reason": {"type": "string", "description": "A code, where only the vendor can help."},
            "contact": {"type": "string", "description": "Whom to write to then."},
        },
    }
