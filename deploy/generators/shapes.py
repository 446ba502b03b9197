"""What travels, seen from outside: fields in words, and example events that never change by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

import marshmallow as ma

from shared import context
from shared.database.outbox import encode
from shared.events import Code, Digest, Event, schema_of

NAMESPACE: Final = UUID("2b6a0f3c-64f5-5d0e-8a39-9f3f6b1f7a10")
NOW: Final = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
WORDS: Final[Mapping[str, str]] = {
    "awaredatetime": "instant",
    "dict": "mapping",
    "emailaddress": "e-mail address",
    "flag": "boolean",
}
"""What kinds of fields are called whose class has another name."""
UNOWNED_SOURCE: Final = "retention"
"""Stands in for the publisher in examples of events that several services publish."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One field: its kind, `list of` one, or `counts` by code, and whether it may be null."""

    kind: str
    null: bool = False


def kind_of(field: ma.fields.Field[Any]) -> str:
    """A field in words: its class, and what it contains."""
    if isinstance(field, ma.fields.List):
        return f"list of {kind_of(field.inner)}{' or null' if field.inner.allow_none else ''}"
    if isinstance(field, ma.fields.Nested):
        return f"{'list of ' if field.many else ''}object ({', '.join(f'`{key}`' for key in field.schema.fields)})"
    name = type(field).__name__.lstrip("_").removesuffix("Field").lower()
    return WORDS.get(name, name)


def shape_of(event: type[Event]) -> dict[str, Shape]:
    """The fields of an event class, in the order of the class."""
    return {
        name: Shape(kind="counts" if isinstance(field, ma.fields.Dict) else kind_of(field), null=field.allow_none)
        for name, field in schema_of(event).fields.items()
    }


def example(event: type[Event], *, full: bool) -> Event:
    """An instance with a value in each field, or with as few as are allowed."""
    return event(**{name: _value(name, shape, full=full) for name, shape in shape_of(event).items()})


def example_body(event: type[Event], *, full: bool) -> bytes:
    """The example as it goes over the wire; the same bytes as long as nothing about the event changes."""
    name = f"{event.type}/{event.version}/{'full' if full else 'least'}"
    example_context = context.Context(
        correlation_id=uuid5(NAMESPACE, "correlation"),
        causation_id=uuid5(NAMESPACE, "causation") if full else None,
    )
    with context.working_in(example_context):
        return encode(
            example(event, full=full),
            event_id=uuid5(NAMESPACE, name),
            source=event.source or UNOWNED_SOURCE,
            now=NOW,
            sequence=3 if full else None,
        )


def _value(name: str, shape: Shape, *, full: bool) -> Any:
    if shape.null and not full:
        return None
    if shape.kind.startswith("list of "):
        return [_scalar(name, shape.kind.removeprefix("list of "))] if full else []
    if shape.kind == "counts":
        return {Code("rows"): 3} if full else {}
    return _scalar(name, shape.kind)


def _scalar(name: str, kind: str) -> Any:
    values: Mapping[str, Any] = {
        "uuid": uuid5(NAMESPACE, name),
        "boolean": True,
        "integer": 7,
        "date": NOW.date(),
        "instant": NOW,
        "code": Code(f"{name}_example".lstrip("_")[:64]),
        "digest": Digest(2 * uuid5(NAMESPACE, name).hex),
    }
    return values[kind]
