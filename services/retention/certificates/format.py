"""The format of a certificate: its fields, what each may hold, and how it is written as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.retention.certificates.rules import SMALLEST_COUNT
from services.retention.certificates.values import UNDER_FIVE, Certificate
from services.retention.erasure.values import Trigger
from shared import calendar
from shared.errors import Permanent
from shared.terms.clauses.erasure import LOST_FOR_EVER
from shared.terms.rule_registry import enforces

FORMAT: Final = "vilkar-erasure-certificate/2"
"""What is issued. It tells apart what was erased, what the law keeps, and what is held back."""

FIRST_FORMAT: Final = "vilkar-erasure-certificate/1"
"""What was issued before, and still verifies: one list of what stays, and no date for the copies of keys."""

_OPTIONAL: Final = frozenset({"completes", "review_on"})
"""Fields that stand only where there is something to say."""

_TEXT: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_VERSION: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}((a|b|rc|\.dev|\.post)[0-9]{1,3})?")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")


class CertificateError(Permanent):
    """The certificate is not valid: it was altered, is not ours, or holds what a certificate may not hold."""


def body_of(certificate: Certificate) -> dict[str, Any]:
    """Return the certificate as plain JSON values; raise `CertificateError` for a value that might be personal."""
    body: dict[str, Any] = _plain(certificate)
    check_body(body)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return calendar.in_utc(value).isoformat(timespec="seconds")
    if isinstance(value, (UUID, date)):
        return str(value)
    if is_dataclass(value):
        plain = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {name: each for name, each in plain.items() if each is not None or name not in _OPTIONAL}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


@enforces(LOST_FOR_EVER)
def check_body(body: Mapping[str, Any], form: str = FORMAT) -> None:
    """Refuse a body with a field that its format does not allow, or a value that could hold personal data.

    Every value is a random id, a digest, a date, a small set of codes, or a count; an address, a telephone or an
    organisation number fits none of these.
    """
    allowed = FIELDS[form]
    if body.keys() - _OPTIONAL != allowed.keys() - _OPTIONAL:
        raise CertificateError(f"fields differ: {sorted(body.keys() ^ allowed.keys())}")
    wrong = sorted(name for name, fits in allowed.items() if name in body and not fits(body[name]))
    if wrong:
        raise CertificateError(f"values that a certificate may not hold: {wrong}")


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).astimezone(UTC).isoformat() == value
    except (ValueError, OverflowError):
        return False


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and bool(_TEXT.fullmatch(value)) and not _LONG_NUMBER.search(value)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and bool(_HASH.fullmatch(value))


def _is_count(value: Any) -> bool:
    return value == UNDER_FIVE or (type(value) is int and value >= SMALLEST_COUNT)


def _is_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_code(kind) and _is_count(count) for kind, count in value.items())


def _is_date_or_none(value: Any) -> bool:
    return value is None or _is_date(value)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


Fields = Mapping[str, Callable[[Any], bool]]


def _one_with(**allowed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A JSON object of exactly these fields, but for optional ones, each of which fits."""

    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() <= allowed.keys()
            and allowed.keys() - _OPTIONAL <= value.keys()
            and all(allowed[name](each) for name, each in value.items())
        )

    return fits


_STORES: Final = _list_of(_one_with(store=_is_code, method=_is_code, counts=_is_counts))

_IN_BOTH: Final[Fields] = MappingProxyType(
    {
        "certificate_id": _is_id,
        "reference": _is_id,
        "sequence": lambda value: type(value) is int and value >= 1,
        "previous": _is_hash,
        "kind": lambda value: value in ("account", "user"),
        "trigger": lambda value: isinstance(value, str) and value in set(Trigger),
        "trigger_date": _is_date,
        "due_on": _is_date,
        "executed_at": _is_instant,
        "roles": _list_of(_is_code),
        "keys_destroyed": _is_count,
        "key_destruction_id": _is_hash,
        "backups_expire_on": _is_date,
        "recipients": lambda value: isinstance(value, dict) and all(map(_is_code, (*value, *value.values()))),
        "software_version": lambda value: isinstance(value, str) and bool(_VERSION.fullmatch(value)),
        "completes": _is_id,
    }
)

FIELDS: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        FIRST_FORMAT: MappingProxyType(
            {
                **_IN_BOTH,
                "complete": lambda value: type(value) is bool,
                "stores": _STORES,
                "retained": _list_of(
                    _one_with(category=_is_code, basis=_is_code, until=_is_date_or_none, review_on=_is_date)
                ),
            }
        ),
        FORMAT: MappingProxyType(
            {
                **_IN_BOTH,
                "outcome": lambda value: value in ("erased", "erased_except_held"),
                "erased": _STORES,
                "key_copies_expire_on": _is_date,
                "kept_by_law": _list_of(_one_with(category=_is_code, basis=_is_code, until=_is_date)),
                "held_back": _list_of(
                    _one_with(
                        category=_is_code,
                        of=lambda value: value in ("account", "persons"),
                        basis=_is_code,
                        review_on=_is_date,
                    )
                ),
            }
        ),
    }
)
"""Every field that a certificate of each format has, and what its value must look like."""
