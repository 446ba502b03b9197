"""The OpenAPI 3.1 document, made from the table of endpoints and its schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from services.gateway import problems
from services.gateway.app import Endpoint

PATH_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def document(endpoints: Iterable[Endpoint], *, version: str) -> dict[str, Any]:
    """The document as plain values."""
    spec = APISpec(
        title="Vilkår",
        version=version,
        openapi_version="3.1.0",
        info={"description": "The terms a software vendor publishes, running as software."},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _problem())
    for endpoint in endpoints:
        path = PATH_PARAMETER.sub(lambda found: f"{{{found.group(2)}}}", endpoint.path)
        spec.path(path=path, operations={endpoint.method.lower(): _operation(endpoint)})
    return dict(spec.to_dict())


def _name(schema: Any) -> str:
    made = schema if isinstance(schema, type) else type(schema)
    return str(made.__name__)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [_parameter(kind, name) for kind, name in PATH_PARAMETER.findall(endpoint.path)],
        "responses": _responses(endpoint),
    }
    if endpoint.request is not None:
        content = {"application/json": {"schema": endpoint.request}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.needs_session:
        operation["security"] = [{"session": []}]
    return operation


def _parameter(kind: str, name: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uuid"} if kind == "uuid" else {"type": "string"}
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if endpoint.reply is not None:
        success["content"] = {"application/json": {"schema": endpoint.reply}}
    statuses = {404, 500, 503}
    if endpoint.request is not None:
        statuses |= {400, 409, 413, 415, 422}
    if endpoint.needs_session:
        statuses |= {401, 403, 423}
    if endpoint.limit is not None:
        statuses |= {401, 429}
    problem = {"description": "Refused", "content": {problems.CONTENT_TYPE: {"schema": PROBLEM}}}
    refusals = {str(status): problem for status in sorted(statuses | set(endpoint.refusals))}
    bare = {str(status): {"description": "Refused, without a body"} for status in endpoint.bare_refusals}
    return {str(endpoint.status): success} | refusals | bare


@cache
def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "object"},
            "current_version": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            "error_id": {"type": "string"},
        },
    }
