"""What a request's body holds: the fields of the call that it becomes, but for those that the server adds."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, cast

import marshmallow as ma

from shared.records import Record, schema_class

_made: dict[tuple[type[Record], str, frozenset[str]], type[ma.Schema]] = {}


def body_of(record: type[Record], name: str = "", *, without: Iterable[str] = ()) -> type[ma.Schema]:
    """The schema of a body, called as the record is or by another `name`; the same again for the same.

    `without` names what is not taken from the client: a field, or `part.field` of a record within.
    """
    key = (record, name or record.__name__, frozenset(without))
    if key not in _made:
        _made[key] = _narrowed(*key)
    return _made[key]


def _narrowed(record: type[Record], name: str, without: frozenset[str]) -> type[ma.Schema]:
    whole = schema_class(record)().fields
    unknown = {each.partition(".")[0] for each in without} - whole.keys()
    if unknown:
        raise TypeError(f"{record.__name__} has no field {', '.join(sorted(unknown))}")
    members: dict[str, Any] = {
        each: _part(field, [one.removeprefix(f"{each}.") for one in without if one.startswith(f"{each}.")])
        for each, field in whole.items()
        if each not in without
    }
    meta = type("Meta", (), {"unknown": ma.RAISE})
    return type(name, (ma.Schema,), members | {"Meta": meta, "__doc__": record.__doc__})


def _part(field: ma.fields.Field[Any], without: list[str]) -> ma.fields.Field[Any]:
    if not without:
        return field
    if not isinstance(field, ma.fields.Nested):
        raise TypeError(f"{field.name} is no record, and has no {', '.join(sorted(without))}")
    record = cast("type[Record]", vars(type(field.schema))["record"])
    narrowed = copy(field)
    narrowed.nested, narrowed._schema = body_of(record, without=without), None  # noqa: SLF001
    return narrowed
