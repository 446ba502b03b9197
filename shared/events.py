"""What an event is: a frozen value with a type, a version and fields that cannot hold personal data.

The allowed kinds of field are ids, dates, instants, counts, booleans and short machine codes. There is no
free text among them, so a name or an address does not fit into an event even by mistake.
"""

from __future__ import annotations

import re
import types
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NewType,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import marshmallow as ma

if TYPE_CHECKING:
    from collections.abc import Callable

Code = NewType("Code", str)
"""A short machine word such as `account_inactivated` or `erasure.ordered`: a to z, digits, `_ . : -`."""

CODE_PATTERN = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
BODY_LIMIT_BYTES = 256 * 1024
COUNT_LIMIT = 9_999_999
"""Counts are small: a telephone number, an organisation number or a birth number does not fit into one."""


class EventError(ValueError):
    """An event class or an event's data breaks the rules of the catalogue."""


class UnknownVersionError(EventError):
    """The event has a version that this reader does not know; it is parked, never guessed at."""


class _Strict(ma.Schema):
    """Strict when writing: used to check our own events."""

    class Meta:
        unknown = ma.RAISE


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. Subclasses set `type`, `version` and `source`; their docstring says when and why."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    source: ClassVar[str | None] = None
    """The wire name of the service that owns the event; `None` for a shared shape that several publish."""

    @property
    def subject(self) -> str:
        """What the event is about, `<kind>/<id>`; its events keep their order."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """The fields as plain JSON values; raises `EventError` where one does not fit its kind."""
        schema = schema_of(type(self))
        dumped = schema.dump(self)
        errors = schema.validate(dumped)
        if errors:
            raise EventError(f"{self.type}: {sorted(errors)} do not fit")
        return dict(dumped)

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Read fields tolerantly: unknown ones are ignored, missing or wrong ones raise `EventError`."""
        try:
            loaded = schema_of(cls).load(data, unknown=ma.EXCLUDE)
        except ma.ValidationError as error:
            names = sorted(error.messages_dict)
            raise EventError(f"{cls.type}: {names} do not fit") from None
        return cls(**loaded)


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Received(Generic[E_co]):
    """An event as a listener gets it: the event and the envelope it came in."""

    id: UUID
    event: E_co
    source: str
    time: datetime
    subject: str
    sequence: int | None = None
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    actor: str = "system"
    attempt: int = 1


def _code_field(**kwargs: Any) -> ma.fields.Field[Any]:
    code = ma.validate.Regexp(rf"{CODE_PATTERN.pattern}\Z", error="not a machine code")
    return ma.fields.String(validate=code, **kwargs)


def _count_field(**kwargs: Any) -> ma.fields.Field[Any]:
    small = ma.validate.Range(min=-COUNT_LIMIT, max=COUNT_LIMIT)
    return ma.fields.Integer(strict=True, validate=small, **kwargs)


_SCALARS: dict[Any, Callable[..., ma.fields.Field[Any]]] = {
    UUID: ma.fields.UUID,
    bool: lambda **kw: ma.fields.Boolean(truthy={True}, falsy={False}, **kw),
    int: _count_field,
    date: ma.fields.Date,
    datetime: lambda **kw: ma.fields.AwareDateTime(format="iso", **kw),
    Code: _code_field,
}


def _field_for(hint: Any, **kwargs: Any) -> ma.fields.Field[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint](**kwargs)
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:  # noqa: PLR2004
        (inner,) = (a for a in arguments if a is not type(None))
        return _field_for(inner, allow_none=True, load_default=None, **kwargs)
    if origin in (list, tuple) and arguments and arguments[0] in _SCALARS:
        return ma.fields.List(_field_for(arguments[0]), **kwargs)
    if origin is dict and arguments == (Code, int):
        return ma.fields.Dict(keys=_code_field(), values=_count_field(), **kwargs)
    raise EventError(f"{hint!r} is not a kind of field that an event may have")


_schemas: dict[type[Event], ma.Schema] = {}


def schema_of(cls: type[Event]) -> ma.Schema:
    """The marshmallow schema of an event class, made from its annotations once."""
    if cls not in _schemas:
        _schemas[cls] = _make_schema(cls)
    return _schemas[cls]


def _make_schema(cls: type[Event]) -> ma.Schema:
    hints = get_type_hints(cls)
    made: dict[str, ma.fields.Field[Any]] = {}
    for f in fields(cls):
        hint = hints[f.name]
        optional = type(None) in get_args(hint)
        made[f.name] = _field_for(hint) if optional else _field_for(hint, required=True)
    return _Strict.from_dict(dict(made), name=cls.__name__)()
