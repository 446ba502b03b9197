"""Reading what Tripletex answers, field by field, for what is used of it.

What cannot be understood is worth another try, after looking again: the call may well have been carried out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from services.billing_sync.tripletex.values import Found
from shared.errors import Transient
from shared.vendor_http import json_of

LARGEST: Final = 2**63 - 1
LAST_YEAR: Final = 2200
FIELD_LIMIT: Final = 100
TOKEN_LIMIT: Final = 2000


class NotUnderstood(Transient):
    """Tripletex answered with something else than its document says; `field` is where."""

    def __init__(self, field: str) -> None:
        """Name the field, never its value."""
        super().__init__(f"Tripletex answered in a way that is not understood: {field}")
        self.field = field


def parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object, None where it is something else."""
    answer = json_of(body)
    return answer if isinstance(answer, dict) else None


def value_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The one thing that was asked for. Raises `NotUnderstood`."""
    value = answer.get("value")
    if not isinstance(value, dict):
        raise NotUnderstood("value")
    return value


def found_in(answer: dict[str, Any]) -> Found:
    """The one customer or contact that was asked for. Raises `NotUnderstood`."""
    return _found(value_of(answer))


def all_found_in(answer: dict[str, Any]) -> list[Found]:
    """What a search found. Raises `NotUnderstood`."""
    values = answer.get("values")
    if not isinstance(values, list):
        raise NotUnderstood("values")
    return [_found(value) for value in values]


def whole_number(value: Any, field: str, *, least: int = 0) -> int:
    """A whole number, also where it was written as text. Raises `NotUnderstood`."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < FIELD_LIMIT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST:
        raise NotUnderstood(field)
    return value


def token_in(answer: dict[str, Any]) -> str:
    """The token of a session. Raises `NotUnderstood`."""
    token = value_of(answer).get("token")
    if (
        not isinstance(token, str)
        or not 0 < len(token) < TOKEN_LIMIT
        or not (token.isascii() and token.isprintable())
    ):
        raise NotUnderstood("value.token")
    return token


def date_of(found: Found, field: str) -> date | None:
    """A date, None where there is none. Raises `NotUnderstood`: what the law keeps hangs on it."""
    text = found.fields.get(field)
    if text is None or text == "":
        return None
    try:
        day = date.fromisoformat(text[:10])
    except (TypeError, ValueError):
        raise NotUnderstood(field) from None
    if day.year > LAST_YEAR:
        raise NotUnderstood(field)
    return day


def customer_of(contact: Found) -> int | None:
    """The id of the customer that a contact belongs to, None where it says none. Raises `NotUnderstood`."""
    customer = contact.fields.get("customer")
    if customer is None:
        return None
    if not isinstance(customer, dict):
        raise NotUnderstood("customer")
    return whole_number(customer.get("id"), "customer.id")


def code_and_fields(body: dict[str, Any]) -> tuple[int | None, tuple[str, ...]]:
    """What a refusal says it is, as far as it says so; never its texts."""
    code = body.get("code")
    messages = body.get("validationMessages")
    plausible_code = code if isinstance(code, int) and not isinstance(code, bool) and abs(code) <= LARGEST else None
    return plausible_code, tuple(_fields(messages if isinstance(messages, list) else []))


def _fields(messages: list[Any]) -> Iterator[str]:
    for message in messages[:FIELD_LIMIT]:
        field = message.get("field") if isinstance(message, dict) else None
        if isinstance(field, str) and field.isprintable() and field:
            yield field[:FIELD_LIMIT]


def _found(value: Any) -> Found:
    if not isinstance(value, dict):
        raise NotUnderstood("values")
    known = dict(value)
    if known.get("customerNumber") is not None:
        known["customerNumber"] = whole_number(known["customerNumber"], "customerNumber")
    return Found(
        id=whole_number(value.get("id"), "id", least=1),
        version=whole_number(value.get("version"), "version"),
        fields=known,
    )
