"""What an event is: a frozen value with a type, a version and fields that cannot hold personal data.

The allowed kinds of field are ids, dates, instants, counts, booleans and short machine codes. There is no
free text among them, so a name or an address does not fit into an event even by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Generic, NewType, Self, TypeVar, get_args, get_type_hints
from uuid import UUID

import marshmallow as ma

from shared.marshmallow_fields import COMMON, FieldMaker

Code = NewType("Code", str)
"""A short machine word such as `account_inactivated` or `erasure.ordered`: a to z, digits, `_ . : -`."""

Digest = NewType("Digest", str)
"""A SHA-256 in hexadecimal, of something that cannot be guessed: a public key, a signed line."""

DIGEST_PATTERN = re.compile(r"[0-9a-f]{64}")
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
    replayed_by: ClassVar[tuple[str, ...]] = ()
    """By their names on the wire: the databases that make it true again after a restore. Retention puts such an
    event into the ledger, so it has no counts, flags or maps."""

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


def loaded(base: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event class that this process has imported."""
    for each in base.__subclasses__():
        yield each
        yield from loaded(each)


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


class _CodeField(ma.fields.String):
    def __init__(self, **arguments: Any) -> None:
        code = ma.validate.Regexp(rf"{CODE_PATTERN.pattern}\Z", error="not a machine code")
        super().__init__(validate=code, **arguments)


class _DigestField(ma.fields.String):
    def __init__(self, **arguments: Any) -> None:
        digest = ma.validate.Regexp(rf"{DIGEST_PATTERN.pattern}\Z", error="not a digest")
        super().__init__(validate=digest, **arguments)


def _count_field(**arguments: Any) -> ma.fields.Field[Any]:
    small = ma.validate.Range(min=-COUNT_LIMIT, max=COUNT_LIMIT)
    return ma.fields.Integer(strict=True, validate=small, **arguments)


def _flag_field(**arguments: Any) -> ma.fields.Field[Any]:
    return ma.fields.Boolean(truthy={True}, falsy={False}, **arguments)


_fields = FieldMaker(
    {**COMMON, bool: _flag_field, int: _count_field, Code: _CodeField, Digest: _DigestField},
    several={list: ma.fields.List},
    error=EventError,
)


_schemas: dict[type[Event], ma.Schema] = {}


def schema_of(cls: type[Event]) -> ma.Schema:
    """The marshmallow schema of an event class, made from its annotations once."""
    if cls not in _schemas:
        hints = get_type_hints(cls)
        made = {each.name: _fields.make(hints[each.name], **_presence(hints[each.name])) for each in fields(cls)}
        _schemas[cls] = _Strict.from_dict(made, name=cls.__name__)()
    return _schemas[cls]


def _presence(hint: Any) -> dict[str, Any]:
    return {"load_default": None} if type(None) in get_args(hint) else {"required": True}
