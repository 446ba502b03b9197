"""The codes that a field of a call takes: what forms and lists offer, and commands name in their help."""

from __future__ import annotations

import marshmallow as ma

from shared.records import Record, schema_of


def codes_of(call: type[Record], name: str) -> tuple[str, ...]:
    """The codes of a field, or of what a list of it holds; empty where it takes others."""
    known = schema_of(call).fields[name]
    inner = known.inner if isinstance(known, ma.fields.List) else known
    if isinstance(inner, ma.fields.Enum):
        return tuple(str(each.value) for each in inner.enum)
    rules = (each for each in inner.validators if isinstance(each, ma.validate.OneOf))
    return next((tuple(map(str, each.choices)) for each in rules), ())
