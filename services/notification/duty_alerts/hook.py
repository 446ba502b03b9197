"""The second way to whoever is on duty: a POST to an address that the operator has named, as a pager's or a chat's.

It goes where the setting says and nowhere else: no redirect is followed, and nothing of a customer decides over it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.notification.duty_alerts.rules import hook_body, signature
from services.notification.duty_alerts.values import DutyAlert, Tried
from shared.errors import DeadlineExceeded, Unavailable
from shared.vendor_http import VendorClient

NAME: Final = "duty-hook"
TOTAL_SECONDS: Final = 10.0
ANSWER_LIMIT_BYTES: Final = 64 * 1024
ID_HEADER: Final = "Vilkar-Alert-Id"
TIME_HEADER: Final = "Vilkar-Timestamp"
SIGNATURE_HEADER: Final = "Vilkar-Signature"
_SUCCESS: Final = range(200, 300)


class DutyHook:
    """A client of the operator's hook. Safe to share between threads."""

    def __init__(self, *, url: str, secret: str, desk_url: str) -> None:
        """`secret` signs what is sent, so that nobody else can wake anybody by it."""
        self._secret = secret.encode()
        self._desk_url = desk_url
        self._http = VendorClient(NAME, url, total_seconds=TOTAL_SECONDS, answer_limit_bytes=ANSWER_LIMIT_BYTES)

    def send(self, alert: DutyAlert, now: datetime) -> Tried:
        """Hand a message over, once."""
        body, stamp = hook_body(alert, self._desk_url), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: str(alert.alert_id),
            TIME_HEADER: stamp,
            SIGNATURE_HEADER: signature(self._secret, stamp, body),
        }
        try:
            answer = self._http.call("POST", "", data=body, headers=headers)
        except DeadlineExceeded:
            return Tried("timed_out")
        except Unavailable:
            return Tried("not_reached")
        return Tried() if answer.status in _SUCCESS else Tried(f"answered_{answer.status}")
