"""Event classes seen from outside: their fields in words, and example events that never change by themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

from shared import context
from shared.database.outbox import encode
from shared.events import Code, Event

NAMESPACE: Final = UUID("2b6a0f3c-64f5-5d0e-8a39-9f3f6b1f7a10")
NOW: Final = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
KINDS: Final[Mapping[Any, str]] = {
    UUID: "uuid",
    bool: "boolean",
    int: "integer",
    date: "date",
    datetime: "instant",
    Code: "code",
}
UNOWNED_SOURCE: Final = "retention"
"""Stands in for the publisher in examples of events that several services publish."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One field: its kind, `list of` one, or `counts` by code, and whether it may be null."""

    kind: str
    null: bool = False


def shape_of(event: type[Event]) -> dict[str, Shape]:
    """The fields of an event class, in the order of the class."""
    hints = get_type_hints(event)
    return {field.name: _shape(hints[field.name]) for field in fields(event)}


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


def _shape(hint: Any) -> Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in KINDS:
        return Shape(kind=KINDS[hint])
    if origin in (Union, types.UnionType):
        inner = _shape(next(argument for argument in arguments if argument is not type(None)))
        return Shape(kind=inner.kind, null=True)
    if origin in (list, tuple):
        return Shape(kind=f"list of {KINDS[arguments[0]]}")
    if origin is dict:
        return Shape(kind="counts")
    raise TypeError(f"{hint!r} has no name in the catalogue")


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
    }
    return values[kind]
