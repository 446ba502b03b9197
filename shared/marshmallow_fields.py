"""Marshmallow fields made from annotations: how what the fields of a class hold is written in JSON."""

from __future__ import annotations

import types
from collections import abc
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

import marshmallow as ma

Make = Callable[..., ma.fields.Field[Any]]
"""Makes a field; takes the arguments of `ma.fields.Field`."""


EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 29, tzinfo=UTC)
"""Between these an instant has a date and a time in every zone."""


def instant_field(**arguments: Any) -> ma.fields.AwareDateTime:
    """An instant with its distance from UTC; none that has no date elsewhere, on which all reckoning would fail."""
    field = ma.fields.AwareDateTime(format="iso", **arguments)
    field.validators.append(_has_a_date_everywhere)
    return field


def _has_a_date_everywhere(instant: datetime) -> None:
    if not EARLIEST <= instant <= LATEST:
        raise ma.ValidationError("Not a valid datetime.")


COMMON: Final[Mapping[Any, Make]] = types.MappingProxyType(
    {UUID: ma.fields.UUID, date: ma.fields.Date, datetime: instant_field}
)
"""What every class may hold that travels as JSON."""


class FieldMaker:
    """Makes the field of an annotation: one of the known kinds, perhaps none, several, or by key."""

    nothing: tuple[Any, ...] = (type(None),)
    """What a field may be in place of its kind."""

    def __init__(self, kinds: Mapping[Any, Make], *, several: Mapping[type, Make], error: type[Exception]) -> None:
        """`several` says how a collection is read; `error` is raised for what cannot travel."""
        self._kinds = kinds
        self._several = several
        self._error = error

    def make(self, hint: Any, **arguments: Any) -> ma.fields.Field[Any]:
        """The field; `arguments` are those of `ma.fields.Field`."""
        if hint in self._kinds:
            return self._kinds[hint](**arguments)
        origin, parts = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            inner = [part for part in parts if part not in self.nothing]
            if len(inner) == 1:
                return self.make(inner[0], **arguments | {"allow_none": type(None) in parts})
        if origin in self._several and parts[1:] in ((), (Ellipsis,)):
            return self._several[origin](self.make(parts[0]), **arguments)
        if origin in (dict, abc.Mapping):
            keys, values = map(self.make, parts)
            return ma.fields.Dict(keys=keys, values=values, **arguments)
        raise self._error(f"{hint!r} is not a kind of field that can travel as JSON")
