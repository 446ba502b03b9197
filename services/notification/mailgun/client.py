"""Mailgun over HTTP: the one place that knows its addresses, its forms and its ways of failing.

Every answer becomes one of five outcomes, and the difference that matters most is between a letter that surely
did not go out and one that may have: Mailgun has no idempotency key, and at times answers 5xx to a letter it sends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from services.notification.mailgun.rules import assert_mailgun_may_carry
from services.notification.mailgun.values import VendorEvent
from services.notification.mailgun.vendor_events import bare_message_id, read_event
from services.notification.suppressions.values import SuppressionKind
from shared.errors import DeadlineExceeded, Unavailable
from shared.vendor_http import Answer, NotConnected, TimedOut, VendorClient, json_of
from shared.vendor_state import STATES
from shared.wait_bounds import duration

TOTAL_SECONDS: Final = 20.0
LOG_PAGE: Final = 100
LOG_PAGES: Final = 10
SUPPRESSION_TABLES: Final = ("bounces", "unsubscribes", "complaints")
TABLE_OF: Final = {SuppressionKind.BOUNCE: "bounces", SuppressionKind.COMPLAINT: "complaints"}
_OK, _NOT_FOUND, _TOO_MANY = 200, 404, 429
_OWN_FAULT: Final = frozenset({400, 413})
_DAY_SECONDS: Final = 24 * 3600
_VARIABLE: Final = re.compile(
    r"%(?=(?:(?:tag_|mailing_list_)?unsubscribe|recipient|mailing_list)[\w.]*%)", re.IGNORECASE
)
"""The beginning of `%unsubscribe_url%`, `%recipient.name%` and their kin."""
_ABSENT: Final = ("address not found", "no spam complaints found", "unsubscribe event for this tag does not exist")
"""How Mailgun begins to say that an address is not on a list; each list has its own words."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One letter to one address. `letter_id` is all that Mailgun learns of our records."""

    letter_id: UUID
    letter: str
    letter_class: str
    purpose: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    unsubscribe_url: str | None = field(default=None, repr=False)
    reply_name: str | None = field(default=None, repr=False)
    """Where it can be replied to: the name in front of the domain for replies."""


@dataclass(frozen=True)
class Accepted:
    """Queued at Mailgun under this message id, without brackets."""

    message_id: str


@dataclass(frozen=True)
class Throttled:
    """Not taken: too many calls. `wait` is what Mailgun asked for, None where it did not say."""

    wait: timedelta | None


@dataclass(frozen=True)
class NotSent:
    """Surely not taken, and the same call may succeed later."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """Surely not taken, and never will be.

    `reason` is a code where the letter itself is at fault, None where the key, the domain or the account is: then
    every other letter will meet the same.
    """

    status: int
    reason: str | None = None


@dataclass(frozen=True)
class Unknown:
    """It may have been taken or not; only Mailgun's records can tell."""

    reason: str


Outcome = Accepted | Throttled | NotSent | Refused | Unknown


class Mailgun:
    """A client for one sending domain in one region. Safe to share between threads."""

    def __init__(
        self,
        *,
        url: str,
        domain: str,
        api_key: str,
        sender: str,
        reply_to: str | None = None,
        replies_to: str = "",
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """`url` is the region's host (the EU's by default); `sender` stands in From, answers go to `reply_to`.

        `replies_to` is the domain at which a route of Mailgun takes replies to support; empty where none does.
        """
        self.replies_to = replies_to
        self._domain = domain
        self._sender = sender
        self._reply_to = reply_to or sender
        self._http = VendorClient("mailgun", url, total_seconds=total_seconds, auth=("api", api_key))

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()

    def send(self, letter: Outgoing, *, now: datetime, named: Collection[str] = ()) -> Outcome:
        """Hand a letter over, once, and say what came of it; nothing is tried again here.

        Raises `PurposeRefused` for a letter that Mailgun may not carry by the terms, nor by the purposes that the
        register names (`named`).
        """
        assert_mailgun_may_carry(letter.letter_class, letter.purpose, named)
        # Parts without a file name are form fields; passing them as files makes the body multipart.
        form = [(name, (None, value)) for name, value in self._form(letter)]
        try:
            answer = self._http.call("POST", f"/v3/{quote(self._domain)}/messages", files=form)
        except (Unavailable, DeadlineExceeded) as error:
            return outcome_of_silence(error)
        return outcome_of_answer(answer.status, answer.headers, answer.body, now)

    def _form(self, letter: Outgoing) -> Iterator[tuple[str, str]]:
        yield "from", self._sender
        yield "to", letter.to
        yield "subject", inert(letter.subject, "% ")
        yield "text", inert(letter.text, "% ")
        yield "html", inert(letter.html, "&#37;")
        yield "o:tag", letter.letter
        yield "o:tag", letter.purpose
        yield "o:tracking", "no"
        yield "o:tracking-opens", "no"
        yield "o:tracking-clicks", "no"
        yield "o:require-tls", "yes"
        takes_replies = bool(letter.reply_name and self.replies_to)
        yield "h:Reply-To", f"{letter.reply_name}@{self.replies_to}" if takes_replies else self._reply_to
        yield "v:notification_id", str(letter.letter_id)
        if letter.unsubscribe_url:
            yield "h:List-Unsubscribe", f"<{letter.unsubscribe_url}>"
            yield "h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click"

    def history(self, letter_id: UUID, *, since: datetime, now: datetime) -> list[VendorEvent]:
        """What Mailgun has recorded about a letter, oldest first; empty proves little before half an hour.

        Raises `Unavailable` where the records could not be read to their end.
        """
        recorded: list[VendorEvent] = []
        token: str | None = None
        for _ in range(LOG_PAGES):
            page = self._log_page(letter_id, since=since, now=now, token=token)
            events, token = read_page(page, now)
            # A filter on variables matches text; only the exact id counts.
            recorded += [event for event in events if event.letter_id == letter_id]
            if token is None:
                return sorted(recorded, key=lambda event: event.at)
        raise Unavailable("the records of Mailgun have too many pages")

    def _log_page(self, letter_id: UUID, *, since: datetime, now: datetime, token: str | None) -> dict[str, Any]:
        days = int((now - since).total_seconds() // _DAY_SECONDS) + 1
        paging = {"sort": "timestamp:asc", "limit": LOG_PAGE}
        asked = {
            "end": format_datetime((now + timedelta(minutes=5)).astimezone(UTC)),
            "duration": f"{days}d",
            "filter": {
                "AND": [
                    _equals("domain", self._domain),
                    {**_equals("user_variables", str(letter_id)), "comparator": "contains"},
                ]
            },
            "pagination": paging if token is None else {**paging, "token": token},
        }
        answer = self._ask("POST", "/v1/analytics/logs", json=asked)
        page = json_of(answer.body)
        if answer.status != _OK or not isinstance(page, dict):
            raise Unavailable(f"Mailgun refused to show its records ({answer.status})")
        return page

    def forget(self, address: str) -> None:
        """Delete the address from all suppression lists of the domain; it need not be on any.

        Raises `Unavailable` where Mailgun did not confirm it for every list.
        """
        self._delete(address, SUPPRESSION_TABLES)

    def release(self, address: str, kind: SuppressionKind) -> None:
        """Delete the address from the one list that holds it for this reason. Raises `Unavailable` as `forget`."""
        self._delete(address, (TABLE_OF[kind],))

    def _delete(self, address: str, tables: Iterable[str]) -> None:
        for table in tables:
            path = f"/v3/{quote(self._domain)}/{table}/{quote(address, safe='')}"
            answer = self._ask("DELETE", path)
            if answer.status != _OK and not (answer.status == _NOT_FOUND and _is_absent(answer.body)):
                raise Unavailable(f"Mailgun kept an address in {table} ({answer.status})")

    def _ask(self, method: str, path: str, **arguments: Any) -> Answer:
        """A call that may be repeated without harm."""
        try:
            return self._http.call(method, path, **arguments)
        except DeadlineExceeded:
            raise Unavailable("Mailgun did not answer in time") from None


def outcome_of_silence(error: Unavailable | DeadlineExceeded) -> Outcome:
    """What a call without an answer means: a connection that was never made carried no letter."""
    if isinstance(error, NotConnected):
        return NotSent("not_connected")
    return Unknown("timed_out" if isinstance(error, TimedOut) else "connection_lost")


def outcome_of_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Outcome:
    """What an answer to a letter means. The body is not always JSON, and on 401 a bare string."""
    if status == _OK:
        return _accepted(json_of(body))
    if status == _TOO_MANY:
        return Throttled(wait_asked(headers, body, now))
    if status in _OWN_FAULT:
        return Refused(status, "address_refused" if b"to parameter is not a valid" in body else "letter_refused")
    if 300 <= status < 500 and status != 408:  # noqa: PLR2004  # 408: the server gave up in the middle
        return Refused(status)
    return Unknown(f"answer_{status}")


def _accepted(answer: Any) -> Outcome:
    message_id = bare_message_id(answer.get("id")) if isinstance(answer, dict) else None
    # Something between us and Mailgun may answer 200 too; without an id it is no receipt.
    return Accepted(message_id) if message_id else Unknown("answer_without_id")


def wait_asked(headers: Mapping[str, str], body: bytes, now: datetime) -> timedelta | None:
    """How long a 429 asks to wait: Retry-After, else X-RateLimit-Reset, else its text, else None."""
    waits = (duration(headers.get("Retry-After")), _rate_limit_reset(headers, now), _wait_in_text(body, now))
    return STATES.wait_asked("mailgun", next((wait for wait in waits if wait is not None), None))


def _rate_limit_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    try:
        return datetime.fromtimestamp(float(headers.get("X-RateLimit-Reset", "")), UTC) - now
    except (ValueError, OverflowError, OSError):
        return None


def _wait_in_text(body: bytes, now: datetime) -> timedelta | None:
    answer = json_of(body)
    text = str(answer.get("message", "")) if isinstance(answer, dict) else ""
    _, marker, when = text.partition("try again after ")
    if not marker:
        return None
    first, _, rest = when.partition(" ")
    if rest.startswith("second"):
        return duration(first)
    try:
        # "UTC" is not a zone of RFC 2822, so the result is naive.
        return parsedate_to_datetime(when.strip()).replace(tzinfo=UTC) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_absent(body: bytes) -> bool:
    """Whether a 404 says that the address is not on the list; a missing domain or path answers 404 as well."""
    answer = json_of(body)
    text = str(answer.get("message", "")).lower() if isinstance(answer, dict) else ""
    return text.startswith(_ABSENT)


def read_page(page: dict[str, Any], now: datetime) -> tuple[list[VendorEvent], str | None]:
    """The events on a page of the records, and the token of the next page, None after the last.

    Raises `Unavailable` where it is no page.
    """
    items, paging = page.get("items") or [], page.get("pagination")
    if not isinstance(items, list):
        raise Unavailable("the records of Mailgun are not understood")
    token = paging.get("next") if isinstance(paging, dict) else None
    events = [read_event(item, told_at=now) for item in items]
    return events, token if isinstance(token, str) and token and len(items) >= LOG_PAGE else None


def inert(text: str, percent: str) -> str:
    """The text with no variable that Mailgun would fill in; our letters have none, so it was typed by somebody.

    Names that hold one are left out before; this is for whatever else may come to stand in a letter. `percent` is
    what stands for the first sign of it.
    """
    return _VARIABLE.sub(percent, text)


def _equals(attribute: str, value: str) -> dict[str, Any]:
    return {"attribute": attribute, "comparator": "=", "values": [{"label": value, "value": value}]}
