"""Reading what Mailgun tells: each field for itself, as far as it can be understood.

Mailgun's document says that `delivery-status.code` is a number. It has been a text, an empty one, and missing. One
field that cannot be read must not cost the bounce it stands in: the others are taken, and what could not be read is
named in `VendorEvent.unread`, so that it is kept, told and looked up.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from services.notification.mailgun.values import Signature, VendorEvent, Webhook
from services.notification.webhooks.calls import WEBHOOK_LIMIT_BYTES
from shared.errors import Invalid

TEXT_LIMIT: Final = 200
ADDRESS_LIMIT: Final = 320
EARLIEST: Final = datetime(2009, 1, 1, tzinfo=UTC).timestamp()
"""Mailgun is not older."""
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
CODES: Final = range(100, 1000)
SEVERITIES: Final = ("permanent", "temporary")
_NUMBER: Final = re.compile(r"\s*(\d{3})(?![\d.])")
_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_DIGITS: Final = re.compile(r"[0-9]{1,12}\Z")
_TOKEN: Final = re.compile(r"[!-~]{1,100}\Z")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{64}\Z")
_SIGNS: Final = re.compile(r"[^a9 .:+'-]")
_SHAPE_LIMIT: Final = 40
_HUGE: Final = 30
_UNREAD_LIMIT: Final = 500


@dataclass
class _Reader:
    """Takes fields out of an object; what is there and cannot be read is noted."""

    unread: dict[str, str] = field(default_factory=dict)

    def object(self, value: Any, name: str) -> dict[str, Any]:
        """An object; an empty list stands for an empty one, as PHP writes it."""
        if isinstance(value, dict):
            return value
        if value is not None and value != []:
            self.note(name, value)
        return {}

    def text(self, value: Any, name: str, limit: int = TEXT_LIMIT) -> str | None:
        """A line of text, None where there is none."""
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > limit or not value.isprintable():
            self.note(name, value)
            return None
        return value.strip() or None

    def note(self, name: str, value: Any) -> None:
        """Keep what it looked like: its letters and digits could name somebody, wherever they stand."""
        if value is None or isinstance(value, (bool, int, float, str)):
            self.unread[name] = _shape(repr(value))
        else:
            self.unread[name] = type(value).__name__

    def summary(self) -> str | None:
        """What could not be read, None where all could."""
        return "; ".join(f"{name}={value}" for name, value in sorted(self.unread.items()))[:_UNREAD_LIMIT] or None


def _shape(text: str) -> str:
    """A text with a letter for each letter, a digit for each digit, and of signs only the usual ones."""
    plain = "".join("9" if ch.isdecimal() else "a" if ch.isalpha() else ch for ch in text[:_SHAPE_LIMIT])
    return _SIGNS.sub("?", plain)


def read_event(data: Any, *, told_at: datetime) -> VendorEvent:
    """Read the event of a webhook or of the logs. `told_at` stands in for an instant that cannot be read."""
    reader = _Reader()
    event = reader.object(data, "event-data")
    if not event and "event-data" not in reader.unread:
        reader.note("event-data", data)
    name = reader.text(event.get("event"), "event")
    if event and name is None:
        reader.unread.setdefault("event", "missing")
    status = reader.object(event.get("delivery-status"), "delivery-status")
    code, enhanced = _codes(reader, status)
    headers = reader.object(reader.object(event.get("message"), "message").get("headers"), "message.headers")
    reason = reader.text(event.get("reason"), "reason")
    return VendorEvent(
        name=name or "",
        at=_instant(reader, event) or told_at,
        id=reader.text(event.get("id"), "id"),
        severity=_severity(reader, event, reason, (code, enhanced)),
        reason=reason,
        code=code,
        enhanced_code=enhanced,
        message_id=bare_message_id(reader.text(headers.get("message-id"), "message-id")),
        letter_id=_letter_id(reader, event.get("user-variables")),
        recipient=reader.text(event.get("recipient"), "recipient", ADDRESS_LIMIT),
        unread=reader.summary(),
    )


def _codes(reader: _Reader, status: dict[str, Any]) -> tuple[int | None, str | None]:
    """The code of SMTP and the enhanced one, wherever and however they were written."""
    code, enhanced = _code(reader, status.get("code"))
    for name in ("enhanced-code", "bounce-code"):
        match = _ENHANCED.search(reader.text(status.get(name), f"delivery-status.{name}") or "")
        enhanced = (match.group(1) if match else None) or enhanced
    return code, enhanced


def _code(reader: _Reader, value: Any) -> tuple[int | None, str | None]:
    if value is None or value == "":
        return None, None
    if isinstance(value, str):
        number, enhanced = _NUMBER.match(value), _ENHANCED.search(value)
        if number or enhanced:
            code = int(number.group(1)) if number else None
            return code if code in CODES else None, enhanced.group(1) if enhanced else None
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value in CODES:
        return int(value), None
    reader.note("delivery-status.code", value)
    return None, None


def _severity(
    reader: _Reader, event: dict[str, Any], reason: str | None, codes: tuple[int | None, str | None]
) -> str | None:
    """As told; of a failure that does not say it, by its reason and codes."""
    given = (reader.text(event.get("severity"), "severity") or "").lower()
    if given in SEVERITIES or event.get("event") != "failed":
        return given or None
    classes = {str(code)[:1] for code in codes if code}
    reader.unread.setdefault("severity", _shape(given) if given else "missing")
    if "5" in classes or (reason or "").startswith(("bounce", "suppress-")):
        return "permanent"
    return "temporary" if "4" in classes else None


def _instant(reader: _Reader, event: dict[str, Any]) -> datetime | None:
    """A webhook's event has epoch seconds, one from the logs an ISO instant; either may be written as text."""
    for name in ("@timestamp", "timestamp"):
        value = event.get(name)
        if value is None:
            continue
        seconds = _seconds(value)
        if seconds is not None and EARLIEST <= seconds <= LATEST:
            return datetime.fromtimestamp(seconds, UTC)
        reader.note(name, value)
    return None


def _seconds(value: Any) -> float | None:
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) else None


def _letter_id(reader: _Reader, variables: Any) -> UUID | None:
    """Our own id. The variables are an object, an empty list, or (in the logs) an object written as text."""
    if isinstance(variables, str) and variables:
        variables = _parsed(variables)
    own = reader.object(variables, "user-variables").get("notification_id")
    if own is None:
        return None
    try:
        return UUID(own)
    except (AttributeError, TypeError, ValueError):
        reader.note("notification_id", own)
        return None


def bare_message_id(text: Any) -> str | None:
    """A message id without the angle brackets that the send reply has and the events lack; None for none."""
    if not isinstance(text, str) or not text.isprintable():
        return None
    return text.strip().removeprefix("<").removesuffix(">")[:TEXT_LIMIT] or None


def read_webhook(body: str) -> Webhook:
    """Read the JSON body of a webhook.

    Raises `Invalid`, which names fields and no value, where there is nothing that could be believed: no JSON, or no
    signature. Whatever is signed is read.
    """
    if len(body.encode(errors="surrogatepass")) > WEBHOOK_LIMIT_BYTES:
        raise Invalid("the webhook is too large")
    data = _parsed(body)
    if not isinstance(data, dict):
        raise Invalid("the webhook is not an object of JSON")
    signature = signature_of(data.get("signature"))
    told_at = datetime.fromtimestamp(int(signature.timestamp), UTC)
    return Webhook(signature=signature, event=read_event(data.get("event-data"), told_at=told_at))


def signature_of(given: Any) -> Signature:
    """What Mailgun signed, and its signature. Raises `Invalid`, which names the field."""
    parts = given if isinstance(given, dict) else {}
    timestamp = _matched(parts, "timestamp", _DIGITS)
    if int(timestamp) > LATEST:
        raise _malformed("timestamp")
    return Signature(
        timestamp=timestamp,
        token=_matched(parts, "token", _TOKEN),
        signature=_matched(parts, "signature", _HEXADECIMAL),
    )


def _matched(parts: dict[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = parts.get(name)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not form.match(text):
        raise _malformed(name)
    return text


def _malformed(name: str) -> Invalid:
    return Invalid("the signature is malformed", details={"fields": [name]})


def _parsed(text: str) -> Any:
    """The JSON, with numbers of many digits as text; None where it is none."""
    try:
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < _HUGE else digits[:_HUGE])
    except (ValueError, RecursionError):
        return None
