"""Complete replies for tests that stand in for a service: what a test names, and the plainest of the rest."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import uuid4

from marshmallow.validate import OneOf

from shared.actor import Actor
from shared.records import Named, Record

PLAIN: Mapping[Any, Any] = {
    str: "x",
    bool: False,
    int: 1,
    float: 1.0,
    date: date(2027, 1, 1).isoformat(),
    datetime: datetime(2027, 1, 1, tzinfo=UTC).isoformat(),
    Any: None,
    Actor: "system",
}


def example(cls: type[Record], **given: Any) -> dict[str, Any]:
    """The JSON of an object of the class; `given` are JSON values of some of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    needed = {
        _in_json(field.name, hints[field.name]): hints[field.name]
        for field in fields(cls)  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING
    }
    return {name: _value(hint) for name, hint in needed.items() if name not in given} | given


def _in_json(name: str, hint: Any) -> str:
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((extra.name for extra in extras if isinstance(extra, Named)), name)


def _value(hint: Any) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        chosen = next((extra for extra in parts[1:] if isinstance(extra, OneOf)), None)
        return next(iter(chosen.choices)) if chosen else _value(parts[0])
    if origin in (Union, types.UnionType):
        return None if type(None) in parts else _value(parts[0])
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type):
        return _of_class(hint)
    return {Literal: parts[:1], tuple: ([],)}.get(origin, ({},))[0]


def _of_class(cls: type) -> Any:
    if issubclass(cls, Record):
        return example(cls)
    return next(iter(cls)).value if issubclass(cls, Enum) else str(uuid4())
