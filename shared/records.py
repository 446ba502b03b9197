"""Classes whose objects travel as JSON: the kinds of field they may have, and the schema made of them.

    class CompanyFacts(Record):
        account_id: UUID
        email: Email
        contacts: tuple[Contact, ...]
        user_id: UUID | None = None

A field's annotation says what it holds. Besides ids, dates, instants, numbers, flags and texts, other records,
tuples and mappings there are kinds of our own: `Annotated[str, Kind(SomeField)]` reads and writes JSON as that
marshmallow field does. A marshmallow validator beside it adds a rule, a text its description, `About` more of that,
`Named` its name in JSON where Python keeps that word for itself.

    Language = Annotated[str, OneOf(("nb", "en")), "Language of letters."]
    since: Annotated[datetime, Named("from")]

A field with the default `ABSENT` may be left out, which is not the same as null.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from enum import Enum
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import marshmallow as ma

from shared.errors import Invalid
from shared.marshmallow_fields import COMMON, FieldMaker, Make


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        """What was left out counts as nothing."""
        return False


ABSENT: Final = Absent.ABSENT
"""Stands in a field that was left out."""


class RecordError(TypeError):
    """A class has a field of a kind that cannot travel as JSON."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads and writes a field as a marshmallow field does; `make` takes the arguments of `ma.fields.Field`."""

    make: Make


@dataclass(frozen=True, slots=True)
class Named:
    """The name of the field in JSON."""

    name: str


class About:
    """What a description of the interface says of a field besides: its `example`, its `minLength`."""

    __slots__ = ("said",)

    def __init__(self, **said: Any) -> None:
        self.said = said


class Flag(ma.fields.Boolean):
    """True or false as JSON has them; no words and no numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ma.ValidationError("true or false")
        return value


def _whole_number(**arguments: Any) -> ma.fields.Integer:
    return ma.fields.Integer(strict=True, **arguments)


def _anything(**arguments: Any) -> ma.fields.Raw:
    return ma.fields.Raw(**{"allow_none": True} | arguments)


class _Tuple(ma.fields.List[Any]):
    """A list in JSON, a tuple here: nobody changes what was read."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


KINDS: Final[Mapping[Any, Make]] = types.MappingProxyType(
    {**COMMON, bool: Flag, int: _whole_number, float: ma.fields.Float, str: ma.fields.String, Any: _anything}
)


class _Schema(ma.Schema):
    """Loads into an object of `record`, and leaves out what is `ABSENT` when it dumps."""

    record: ClassVar[type[Record]]

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """What marshmallow asks for each field of the object."""
        value = super().get_attribute(obj, attr, default)
        return ma.missing if value is ABSENT else value

    @ma.post_load
    def make(self, data: Any, **_: Any) -> Record:
        """The object, once all its fields are right."""
        made = self.record(**data)
        objections = made.objections()
        if objections:
            raise ma.ValidationError(dict(objections))
        return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """Base of the classes that travel as JSON; a subclass is a frozen dataclass without being marked as one."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make the subclass a dataclass."""
        super().__init_subclass__(**kwargs)
        dataclass(frozen=True, kw_only=True, repr=False)(cls)

    def __repr__(self) -> str:
        """The class and what cannot hold personal data; a record in a log must give nobody away."""
        shown = (
            f"{each.name}={value!s}"
            for each in fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
            if isinstance(value := getattr(self, each.name), (UUID, bool, int, date, Enum)) and value is not ABSENT
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def objections(self) -> Mapping[str, list[str]]:
        """What is wrong with the fields taken together, by field; each of them is right by itself."""
        return {}

    @classmethod
    def of(cls, source: Any, **others: Any) -> Self:
        """The record of what `source` has under the names of the fields, but for `others`."""
        names = (each.name for each in fields(cls))  # type: ignore[arg-type]
        return cls(**{name: getattr(source, name) for name in names if name not in others}, **others)

    def given(self) -> dict[str, Any]:
        """The fields that were not left out, by name."""
        every = ((each.name, getattr(self, each.name)) for each in fields(self))  # type: ignore[arg-type]
        return {name: value for name, value in every if value is not ABSENT}

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values. Raises `Invalid`, naming the fields that cannot be what they hold."""
        schema = schema_of(type(self))
        try:
            dumped: dict[str, Any] = schema.dump(self)
        except (AttributeError, TypeError, ValueError) as error:
            raise Invalid(f"{type(self).__name__} holds what does not fit: {type(error).__name__}") from None
        type(self).from_json(dumped)
        return dumped

    @classmethod
    def from_json(cls, data: Any, *, tolerant: bool = False) -> Self:
        """The object from JSON values. Raises `Invalid`, naming the fields that are missing, wrong or unknown.

        A `tolerant` reader passes over fields that it does not know.
        """
        quick = _quick_reader(cls, tolerant=tolerant)
        if quick is not None:
            try:
                made: Self = quick(data)
            except _IN_DOUBT:
                pass  # the schema decides, and says what is wrong
            else:
                return made
        loaded: Self = _loaded(schema_of(cls, tolerant=tolerant), data)
        return loaded


# ── reading what is right, without a schema ──────────────────────────────────────────────────────────────────────
#
# A schema takes some 5 µs of a processor for each field, which every call and every reply pays. Most of what comes
# is right and of plain kinds, and is read here in a fifth of that. This only ever says yes: whatever it does not
# know, or finds wrong, is left to the schema.

_Read = Callable[[Any], Any]


def _exactly(kind: type) -> _Read:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


_text, _list = _exactly(str), _exactly(list)
_QUICK: Final[Mapping[Any, _Read]] = types.MappingProxyType(
    {
        str: _text,
        int: _exactly(int),
        bool: _exactly(bool),
        Any: lambda value: value,
        UUID: lambda value: UUID(_text(value)),
    }
)
_IN_DOUBT: Final = (TypeError, ValueError, KeyError, ma.ValidationError)
"""What reading raises where the schema is to decide."""


_readers: dict[tuple[type[Record], bool], _Read | None] = {}


def _quick_reader(cls: type[Record], *, tolerant: bool) -> _Read | None:
    """Reads what is surely right; None for a class with a field of a kind that only its schema knows. Made once."""
    key = (cls, tolerant)
    if key not in _readers:
        _readers[key] = _make_quick_reader(cls, tolerant=tolerant)
    return _readers[key]


def _make_quick_reader(cls: type[Record], *, tolerant: bool) -> _Read | None:
    hints = get_type_hints(cls, include_extras=True)
    readers: dict[str, tuple[str, _Read]] = {}
    for each in fields(cls):  # type: ignore[arg-type]
        made = _quick_field(hints[each.name], tolerant=tolerant)
        if made is None:
            return None
        readers[_named(each.name, hints[each.name])] = (each.name, made)

    def read(data: Any) -> Record:
        if type(data) is not dict:
            raise TypeError
        given: dict[str, Any] = {}
        for name, value in data.items():
            if name in readers:
                attribute, reader = readers[name]
                given[attribute] = reader(value)
            elif not tolerant:
                raise KeyError
        made = cls(**given)
        if made.objections():
            raise ValueError
        return made

    return read


def _named(name: str, hint: Any) -> str:
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((extra.name for extra in extras if isinstance(extra, Named)), name)


def _quick_field(hint: Any, *, tolerant: bool) -> _Read | None:
    origin, parts = get_origin(hint), get_args(hint)
    made: _Read | None = None
    if origin is Annotated:
        if not any(isinstance(extra, Kind) for extra in parts[1:]):
            validators = [extra for extra in parts[1:] if isinstance(extra, ma.validate.Validator)]
            made = _checking(_quick_field(parts[0], tolerant=tolerant), validators)
    elif hint in _QUICK:
        made = _QUICK[hint]
    elif origin is Literal:
        made = _one_of({word: word for word in parts})
    elif origin in (Union, types.UnionType):
        inner = [part for part in parts if part not in _Fields.nothing]
        made = _quick_field(inner[0], tolerant=tolerant) if len(inner) == 1 else None
        made = _or_none(made) if made is not None and type(None) in parts else made
    elif origin is tuple and parts[1:] == (Ellipsis,):
        made = _several(_quick_field(parts[0], tolerant=tolerant))
    elif isinstance(hint, type) and issubclass(hint, Enum):
        made = _one_of({member.value: member for member in hint})
    elif isinstance(hint, type) and issubclass(hint, Record):
        made = _quick_reader(hint, tolerant=tolerant)
    return made


def _checking(read: _Read | None, validators: list[ma.validate.Validator]) -> _Read | None:
    if read is None or not validators:
        return read

    def checked(value: Any) -> Any:
        found = read(value)
        for validator in validators:
            validator(found)
        return found

    return checked


def _one_of(words: Mapping[Any, Any]) -> _Read | None:
    return (lambda value: words[_text(value)]) if all(type(word) is str for word in words) else None


def _or_none(read: _Read) -> _Read:
    return lambda value: None if value is None else read(value)


def _several(read: _Read | None) -> _Read | None:
    return None if read is None else lambda value: tuple(map(read, _list(value)))


def _loaded(schema: ma.Schema, data: Any) -> Any:
    try:
        return schema.load(data)
    except ma.ValidationError as error:
        raise Invalid(details={"fields": error.messages_dict}) from None


_classes: dict[tuple[type[Record], bool], type[ma.Schema]] = {}
_schemas: dict[tuple[type[Record], bool], ma.Schema] = {}


def schema_of(cls: type[Record], *, tolerant: bool = False) -> ma.Schema:
    """The marshmallow schema of a class, made from its annotations once. Raises `RecordError`."""
    key = (cls, tolerant)
    if key not in _schemas:
        _schemas[key] = schema_class(cls, tolerant=tolerant)()
    return _schemas[key]


def schema_class(cls: type[Record], *, tolerant: bool = False) -> type[ma.Schema]:
    """The class of `schema_of`, named as the record is."""
    key = (cls, tolerant)
    if key not in _classes:
        hints = get_type_hints(cls, include_extras=True)
        made: dict[str, Any] = {
            each.name: _fields[tolerant].make(hints[each.name], **_presence(each))
            for each in fields(cls)  # type: ignore[arg-type]
        }
        meta = type("Meta", (), {"unknown": ma.EXCLUDE if tolerant else ma.RAISE})
        members = {**made, "Meta": meta, "record": cls, "__doc__": cls.__doc__}
        _classes[key] = type(cls.__name__, (_Schema,), members)
    return _classes[key]


def _presence(field: Field[Any]) -> dict[str, Any]:
    if field.default_factory is not MISSING:
        return {"load_default": field.default_factory}
    if field.default is MISSING:
        return {"required": True}
    # The object gets `ABSENT` by its own default; for marshmallow the field is simply not there.
    return {} if field.default is ABSENT else {"load_default": field.default}


class _Fields(FieldMaker):
    """Besides what every class may hold: other records, members of an `Enum`, words, and kinds of our own."""

    nothing = (type(None), Absent)

    def __init__(self, *, tolerant: bool) -> None:
        super().__init__(KINDS, several={tuple: _Tuple}, error=RecordError)
        self._tolerant = tolerant

    def make(self, hint: Any, **arguments: Any) -> ma.fields.Field[Any]:
        """The field; `arguments` are those of `ma.fields.Field`."""
        origin, parts = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._annotated(parts[0], parts[1:], **arguments)
        if origin is Literal:
            return _with(ma.fields.String(**arguments), [ma.validate.OneOf(parts)])
        if isinstance(hint, type) and issubclass(hint, Enum):
            return ma.fields.Enum(hint, by_value=True, **arguments)
        if isinstance(hint, type) and issubclass(hint, Record):
            return ma.fields.Nested(schema_class(hint, tolerant=self._tolerant), **arguments)
        return super().make(hint, **arguments)

    def _annotated(self, inner: Any, extras: tuple[Any, ...], **arguments: Any) -> ma.fields.Field[Any]:
        about: dict[str, Any] = {}
        for extra in extras:
            if isinstance(extra, str):
                about["description"] = extra
            elif isinstance(extra, About):
                about |= extra.said
            elif isinstance(extra, Named):
                arguments["data_key"] = extra.name
        if about:
            arguments["metadata"] = about | arguments.get("metadata", {})
        kind = next((extra for extra in extras if isinstance(extra, Kind)), None)
        made = kind.make(**arguments) if kind else self.make(inner, **arguments)
        return _with(made, [extra for extra in extras if isinstance(extra, ma.validate.Validator)])


def _with(made: ma.fields.Field[Any], validators: list[ma.validate.Validator]) -> ma.fields.Field[Any]:
    made.validators = [*made.validators, *validators]
    return made


_fields = {tolerant: _Fields(tolerant=tolerant) for tolerant in (False, True)}


__all__ = [
    "ABSENT",
    "About",
    "Absent",
    "Flag",
    "Kind",
    "Named",
    "Record",
    "RecordError",
    "schema_class",
    "schema_of",
]
