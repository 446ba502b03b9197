"""Asking for logs: Mailgun's newer way to look events up, and the one that can filter on user variables."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.mailgun.events import BadQueryError, visible

if TYPE_CHECKING:
    from sandbox.mailgun.state import State
    from sandbox.store import Document

MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 50
DEFAULT_WINDOW: Final = timedelta(days=1)
_DURATION: Final = re.compile(r"(\d+)([hdm])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "m": timedelta(days=30)}
_COMPARATORS: Final = ("=", "!=", "contains", "not contains", "starts with")
_ATTRIBUTES: Final = frozenset(
    {"domain", "event", "from", "message_id", "subject", "to", "recipient", "recipient_domain", "tag",
     "severity", "user_variables", "id", "delivery_status_code"}
)  # fmt: skip
_FLAGS: Final = (
    "is-authenticated",
    "is-system-test",
    "is-routed",
    "is-test-mode",
    "is-delayed-bounce",
    "is-callback",
    "is-webhook",
)


def query(state: State, asked: Any) -> Document:
    """Answer one request; `BadQueryError` with a text for what cannot be understood."""
    if not isinstance(asked, dict):
        raise BadQueryError("Bad request: the body must be a JSON object")
    begin, end = _window(asked, state.clock.now())
    predicates = _predicates(asked.get("filter"))
    events = asked.get("events") or []
    paging = asked.get("pagination") or {}
    if not isinstance(events, list) or not isinstance(paging, dict):
        raise BadQueryError("events must be a list and pagination an object")
    matching = [
        entry
        for entry in visible(state)
        if begin.timestamp() <= entry["at"] <= end.timestamp()
        and (not events or entry["event"]["event"] in events)
        and all(_meets(entry, predicate) for predicate in predicates)
    ]
    if not str(paging.get("sort", "timestamp:desc")).endswith(":asc"):
        matching.reverse()
    limit, offset = _limit(paging.get("limit")), _offset(paging.get("token"))
    return {
        "start": _date(begin),
        "end": _date(end),
        "items": [_item(entry) for entry in matching[offset : offset + limit]],
        "pagination": {
            "previous": _token(max(offset - limit, 0)),
            "next": _token(offset + limit),
            "first": _token(0),
            "last": _token(max((len(matching) - 1) // limit * limit, 0)),
            "total": len(matching),
        },
        "aggregates": {},
    }


def _window(asked: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """From `start` to `end`, or the `duration` before `end`; without any the last day."""
    # A little beyond now: an event of this very second is not lost to the date's missing fraction.
    end = _instant(asked["end"]) if asked.get("end") else now + timedelta(seconds=1)
    if asked.get("duration"):
        match = _DURATION.fullmatch(str(asked["duration"]))
        if match is None:
            raise BadQueryError(f"invalid duration {asked['duration']!r}")
        try:
            return end - int(match[1]) * _UNITS[match[2]], end
        except OverflowError:
            raise BadQueryError(f"invalid duration {asked['duration']!r}") from None
    return (_instant(asked["start"]) if asked.get("start") else end - DEFAULT_WINDOW), end


def _instant(text: Any) -> datetime:
    try:
        at = parsedate_to_datetime(str(text))
        # -0000, as in the document's own example, is UTC and read as a time without a zone.
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadQueryError(f"{text!r} is not a date of RFC 2822") from None


def _predicates(group: Any) -> list[dict[str, Any]]:
    if not group:
        return []
    predicates = group.get("AND") if isinstance(group, dict) else None
    if not isinstance(predicates, list):
        raise BadQueryError("filter must hold a list AND")
    for predicate in predicates:
        if not isinstance(predicate, dict) or not _is_value_list(predicate.get("values", [])):
            raise BadQueryError("a filter needs attribute, comparator and a list of values")
        if str(predicate.get("attribute")) not in _ATTRIBUTES:
            raise BadQueryError(f"unknown filter attribute {predicate.get('attribute')!r}")
        if predicate.get("comparator") not in _COMPARATORS:
            raise BadQueryError(f"unknown comparator {predicate.get('comparator')!r}")
    return predicates


def _is_value_list(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, dict) for value in values)


def _meets(entry: Document, predicate: dict[str, Any]) -> bool:
    have = [text.lower() for text in _actual(entry, predicate["attribute"])]
    want = [str(value.get("value", "")).lower() for value in predicate.get("values", [])]
    match predicate["comparator"]:
        case "=":
            return any(one in have for one in want)
        case "!=":
            return not any(one in have for one in want)
        case "contains":
            return any(one in text for one in want for text in have)
        case "not contains":
            return not any(one in text for one in want for text in have)
        case _:
            return any(text.startswith(one) for one in want for text in have)


def _actual(entry: Document, attribute: str) -> list[str]:
    event = entry["event"]
    headers = event["message"]["headers"]
    if attribute == "user_variables":
        return _variable_forms(event["user-variables"])
    plain: dict[str, list[str]] = {
        "domain": [entry["domain"]],
        "message_id": [headers["message-id"], f"<{headers['message-id']}>"],
        "tag": event["tags"],
        "recipient_domain": [event.get("recipient-domain", "")],
        "delivery_status_code": [str(event.get("delivery-status", {}).get("code", ""))],
    }
    if attribute in plain:
        return plain[attribute]
    return [str(headers[attribute] if attribute in headers else event.get(attribute, ""))]


def _variable_forms(variables: dict[str, str]) -> list[str]:
    """How a filter may spell a variable. The document does not say, so every plausible form is understood."""
    forms = [json.dumps(variables, ensure_ascii=False)]
    for name, value in variables.items():
        forms += [value, f"{name}:{value}", f"{name}={value}", json.dumps({name: value}, ensure_ascii=False)]
    return forms


def _item(entry: Document) -> Document:
    """An event as the logs write it: its variables are one string, its domain an object."""
    event = {name: value for name, value in entry["event"].items() if name not in ("timestamp", "user-variables")}
    at = datetime.fromtimestamp(entry["at"], UTC)
    if "storage" in event:
        event["storage"] = {**event["storage"], "url": [event["storage"]["url"]]}
    event["flags"] = {**dict.fromkeys(_FLAGS, False), **event.get("flags", {})}
    return {
        **event,
        "@timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "account": {"id": "sandbox"},
        "domain": {"name": entry["domain"]},
        "user-variables": json.dumps(entry["event"]["user-variables"], ensure_ascii=False),
    }


def _limit(value: Any) -> int:
    if value is None:
        return DEFAULT_PAGE
    if not isinstance(value, int) or not 1 <= value <= MAX_PAGE:
        raise BadQueryError(f"pagination.limit must be between 1 and {MAX_PAGE}")
    return value


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset {offset}".encode()).decode()


def _offset(token: Any) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(token)).decode().removeprefix("offset "))
    except ValueError:
        raise BadQueryError("invalid pagination token") from None


def _date(at: datetime) -> str:
    return format_datetime(at).replace("+0000", "-0000")
