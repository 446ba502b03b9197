"""From a request's JSON to the values of a model: unknown names, wrong types and foreign ids are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sandbox.tripletex.errors import Problem, TripletexError, invalid, unmapped

if TYPE_CHECKING:
    from sandbox.store import Document
    from sandbox.tripletex.resources import Field, Model

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_REFERENCE: Final = frozenset({"id", "version", "url"})
# Objects that live inside another one and are written together with it.
OWNED: Final = frozenset({"postalAddress", "physicalAddress", "deliveryAddress", "orderLines"})


@dataclass
class Mapped:
    """What a request said: plain values and references by field, and owned objects as they were sent."""

    values: Document
    owned: dict[str, Any]
    number: int | None
    version: int | None


def read(model: Model, body: Any, *, creating: bool) -> Mapped:
    """Map `body`. Raises 422/22000, 16000 or 18000."""
    if not isinstance(body, dict):
        raise TripletexError(422, 22000, "Invalid JSON", developer="The body must be a JSON object")
    problems = [Problem(name, "unknown") for name in body if name not in model.fields]
    mapped = Mapped({}, {}, None, None)
    for name, value in body.items():
        field = model.fields.get(name)
        if field is None or field.read_only:
            continue
        if value is None and (field.kind in ("int", "num", "bool") or field.choices is not None):
            continue  # such a field cannot be empty; it keeps what it has
        if name in OWNED and value is not None:
            mapped.owned[name] = value
        elif not _fits(field, value):
            problems.append(Problem(name, "type"))
        else:
            mapped.values[name] = _stored(field, value)
    if problems:
        raise unmapped(*problems)
    number, version = mapped.values.pop("id", None), mapped.values.pop("version", None)
    if creating and number:
        raise invalid(Problem("id", "id"))
    return Mapped(mapped.values, mapped.owned, number, version)


def _fits(field: Field, value: Any) -> bool:
    if value is None:
        return True
    if field.target is not None:
        entries = value if field.kind[0] == "*" else [value]
        return isinstance(entries, list) and all(_is_reference(field, entry) for entry in entries)
    if field.choices is not None:
        return value in field.choices
    return _is(field.kind, value)


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "str":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "num":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "date":
            return is_date(value)
        case _:
            return True


def is_date(value: Any) -> bool:
    """Whether `value` is a day written YYYY-MM-DD that exists."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_reference(field: Field, value: Any) -> bool:
    if not isinstance(value, dict) or not _is("int", value.get("id")):
        return False
    extra = sorted(set(value) - _REFERENCE)
    if extra:
        raise invalid(*(Problem(f"{field.name}.{name}", "unknown") for name in extra))
    return True


def _stored(field: Field, value: Any) -> Any:
    if value is None:
        return [] if field.kind[0] == "*" else "" if field.kind == "str" else None
    if field.target is None:
        return value
    if field.kind[0] == "*":
        return [{"id": entry["id"]} for entry in value]
    return {"id": value["id"]} if value["id"] else None
