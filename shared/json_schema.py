"""JSON Schemas made of the marshmallow schemas of events, calls and bodies, for OpenAPI and AsyncAPI.

A name leads from one schema to another as `#/components/schemas/<name>`, which both kinds of document know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import marshmallow as ma
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

OPENAPI: Final = "3.1.0"
"""The first version whose schemas are JSON Schemas."""
END_OF_TEXT: Final = r"\Z"
"""How a pattern of ours ends that looks at all of a text."""


class _Converter(OpenAPIConverter):
    """Tells patterns as JSON Schema writes them: it knows `^` and `$`, and no end of a text of Python's."""

    def field2pattern(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """The pattern of a field, where it has one."""
        described = super().field2pattern(field, **kwargs)
        return {"pattern": f"^(?:{described['pattern'].removesuffix(END_OF_TEXT)})$"} if described else {}


class SchemaPlugin(MarshmallowPlugin):
    """Lets `APISpec` describe marshmallow schemas."""

    Converter = _Converter


def json_schemas(
    schemas: Iterable[type[ma.Schema]], name: Callable[[type[ma.Schema]], str]
) -> dict[str, dict[str, Any]]:
    """The JSON Schemas by name, with those of the records that lie in them."""

    def named(schema: Any) -> str:
        return name(schema if isinstance(schema, type) else type(schema))

    spec = APISpec("", "", OPENAPI, plugins=[SchemaPlugin(schema_name_resolver=named)])
    for schema in schemas:
        if named(schema) not in spec.components.schemas:
            spec.components.schema(named(schema), schema=schema)
    return dict(spec.components.schemas)
