"""How often a message to whoever is on duty is tried, and how the hook knows that it is ours. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid5

from services.notification.duty_alerts.values import DutyAlert
from shared.case_references import reference_of

TRIES_MOST: Final = 7
"""The pauses double from two seconds: two minutes from the first try to the last, besides what each one takes."""
FIRST_PAUSE: Final = timedelta(seconds=2)
LASTS: Final = timedelta(hours=1)
"""What is older wakes nobody any more: others were called since."""
LEASE: Final = timedelta(seconds=120)
"""Longer than a call of staff and some calls of the provider can take together."""
KEPT: Final = timedelta(days=180)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"duty_alert.next_at": FIRST_PAUSE * 2**TRIES_MOST, "duty_alert.lease_until": 5 * LEASE}
)
SIGNATURE_VERSION: Final = "v1"


def retry_at(alert: DutyAlert, now: datetime) -> datetime | None:
    """When it is tried again after a try that failed; None where it was tried often enough."""
    if alert.attempts >= TRIES_MOST or now >= alert.requested_at + LASTS:
        return None
    pause: timedelta = FIRST_PAUSE * 2 ** (alert.attempts - 1)
    return now + pause


def link_of(desk_url: str, alert: DutyAlert) -> str:
    """The page of the case at the desk, or that with one's own passkeys."""
    page = "me" if alert.case_id is None else f"cases/{alert.case_id}"
    return f"{desk_url.rstrip('/')}/{page}"


def former_letter_id(alert: DutyAlert) -> UUID:
    """Under which id a letter goes to the address before: what becomes of it says nothing of the person."""
    return uuid5(alert.alert_id, "former address")


def hook_body(alert: DutyAlert, desk_url: str) -> bytes:
    """What the hook is told: codes, and the way to the case. It names no customer and nobody of the staff."""
    said = {
        "version": 1,
        "alert_id": str(alert.alert_id),
        "case": reference_of(alert.case_id) if alert.case_id else None,
        "kind": alert.kind,
        "cause": alert.cause,
        "level": alert.level,
        "clock": alert.rule,
        "due_at": alert.due_at.isoformat() if alert.due_at else None,
        "others": alert.others,
        "link": link_of(desk_url, alert),
    }
    return json.dumps(said, separators=(",", ":")).encode()


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """The version, and HMAC-SHA256 over the instant, a full stop and the body, in hexadecimal."""
    mac = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"{SIGNATURE_VERSION}={mac}"
