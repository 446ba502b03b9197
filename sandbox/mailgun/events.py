"""Asking for events: filters, pages, and the empty page that ends them."""

from __future__ import annotations

import base64
import json
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.scheduler import seconds_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.mailgun.state import State
    from sandbox.store import Document

MAX_PAGE: Final = 300
DEFAULT_PAGE: Final = 100
_ASKED: Final = frozenset({"begin", "end", "ascending", "limit", "filters", "after", "before"})


class BadQueryError(ValueError):
    """The query is refused with 400."""


def visible(state: State, domain: str | None = None) -> list[Document]:
    """The kept events (of one domain) that callers may see by now, oldest first."""
    state.forget_expired()
    now = seconds_now()
    return [
        entry
        for entry in state.events.values()
        if entry["visible_from"] <= now and domain in (None, entry["domain"])
    ]


def query(state: State, domain: str, arguments: Mapping[str, str], *, base: str) -> Document:
    """The first page that answers `arguments`."""
    if "begin" in arguments and not {"end", "ascending"} & set(arguments):
        raise BadQueryError("'ascending' must be provided when 'end' is not")
    begin, end = _instant(arguments.get("begin")), _instant(arguments.get("end"))
    ascending = arguments.get("ascending", "").lower() in ("yes", "true")
    if "ascending" not in arguments and begin is not None and end is not None:
        ascending = begin < end
    if begin is not None and end is not None and begin > end:
        begin, end = end, begin
    elif begin is not None and end is None and not ascending:
        begin, end = None, begin  # backwards from `begin`
    filters = {name: value for name, value in arguments.items() if name in _FILTERS and value}
    asked = {
        "begin": begin,
        "end": end,
        "ascending": ascending,
        "limit": _limit(arguments.get("limit")),
        "filters": filters,
    }
    return page(state, domain, {**asked, "after": None, "before": None}, base=base)


def page(state: State, domain: str, asked: dict[str, Any], *, base: str) -> Document:
    """One page; `after` and `before` are the numbers of events already seen at either end."""
    matching = [entry for entry in visible(state, domain) if _meets(entry, asked)]
    if not asked["ascending"]:
        matching.reverse()
    backwards = asked["before"] is not None
    items = matching[-asked["limit"] :] if backwards else matching[: asked["limit"]]
    first = items[0]["number"] if items else asked["after"] or asked["before"]
    last = items[-1]["number"] if items else asked["after"] or asked["before"]
    address = f"{base}/v3/{domain}/events"
    return {
        "items": [entry["event"] for entry in items],
        "paging": {
            "next": f"{address}/{_token({**asked, 'after': last, 'before': None})}",
            "previous": f"{address}/{_token({**asked, 'after': None, 'before': first})}",
        },
    }


def read_token(token: str) -> dict[str, Any]:
    """The query behind a page address; `BadQueryError` when it is not one of ours."""
    try:
        asked: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        raise BadQueryError("Invalid page token") from None
    if not isinstance(asked, dict) or set(asked) != _ASKED:
        raise BadQueryError("Invalid page token")
    return asked


def _token(asked: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(asked).encode()).decode().rstrip("=")


def _meets(entry: Document, asked: dict[str, Any]) -> bool:
    number, at = entry["number"], entry["at"]
    forwards = 1 if asked["ascending"] else -1
    if asked["after"] is not None and (number - asked["after"]) * forwards <= 0:
        return False
    if asked["before"] is not None and (number - asked["before"]) * forwards >= 0:
        return False
    if asked["begin"] is not None and at < asked["begin"]:
        return False
    if asked["end"] is not None and at > asked["end"]:
        return False
    return all(matches(name, value, entry["event"]) for name, value in asked["filters"].items())


def matches(name: str, value: str, event: Document) -> bool:
    """Whether `event` meets the filter `name`; several values may be joined with OR."""
    actual = _FILTERS[name](event)
    wanted = [part.strip().strip("()\"'") for part in value.split(" OR ")]
    contains = name in ("from", "to", "subject", "list")
    return any(
        (want.lower() in have.lower()) if contains else (want.lower() == have.lower())
        for want in wanted
        for have in actual
    )


def _header(name: str) -> Callable[[Document], list[str]]:
    def read(event: Document) -> list[str]:
        return [str(event["message"]["headers"].get(name, ""))]

    return read


def _message_id(event: Document) -> list[str]:
    plain = str(event["message"]["headers"]["message-id"])
    return [plain, f"<{plain}>"]


_FILTERS: Final[dict[str, Callable[[Document], list[str]]]] = {
    "event": lambda event: [event["event"]],
    "from": _header("from"),
    "to": _header("to"),
    "subject": _header("subject"),
    "message-id": _message_id,
    "recipient": lambda event: [event.get("recipient", "")],
    "recipients": lambda event: event["message"].get("recipients", []),
    "tags": lambda event: event["tags"],
    "severity": lambda event: [event.get("severity", "")],
    "size": lambda event: [str(event["message"].get("size", ""))],
    "attachment": lambda event: [a["filename"] for a in event["message"].get("attachments", [])],
    "list": lambda _event: [],
}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE:
        raise BadQueryError(f"'limit' must be a number between 1 and {MAX_PAGE}")
    return int(text)


def _instant(text: str | None) -> float | None:
    """Seconds since 1970 from such seconds or from an RFC 2822 date."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadQueryError(f"{text!r} is not a valid time") from None
