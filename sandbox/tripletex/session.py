"""Session tokens: made from two long-lived tokens, dead when Oslo's midnight begins their last date."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import date
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sandbox.tripletex.errors import Problem, invalid, unauthorised
from sandbox.tripletex.mapping import is_date

if TYPE_CHECKING:
    from sandbox.settings import SandboxSettings
    from sandbox.store import Document, Store
    from shared.clock import Clock

OSLO: Final = ZoneInfo("Europe/Oslo")
COMPANY_ID: Final = 7_654_321
MAX_SESSIONS: Final = 1_000


class Sessions:
    """Makes, checks and ends session tokens."""

    def __init__(self, settings: SandboxSettings, store: Store, clock: Clock) -> None:
        """Sessions survive a restart, as the store does."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._sessions = store.collection("tripletex.session", limit=MAX_SESSIONS)

    def create(self, asked: Any) -> Document:
        """A session from consumerToken, employeeToken and expirationDate. Raises 401/3000 or 422/18000."""
        fields = asked if isinstance(asked, dict) else {}
        missing = [
            Problem(name, "required")
            for name in ("consumerToken", "employeeToken", "expirationDate")
            if not fields.get(name)
        ]
        if missing:
            raise invalid(*missing)
        if not is_date(fields["expirationDate"]):
            raise invalid(Problem("expirationDate", "type"))
        right = compare_digest(
            str(fields["consumerToken"]).encode(), self._settings.tripletex_consumer_token.encode()
        ) & compare_digest(str(fields["employeeToken"]).encode(), self._settings.tripletex_employee_token.encode())
        if not right:
            raise unauthorised()
        if date.fromisoformat(fields["expirationDate"]) <= self._today():
            raise invalid(Problem("expirationDate", "expired"))
        token = base64.b64encode(secrets.token_bytes(48)).decode().replace("/", "_").replace("+", "-")
        self._sessions.put(token, {"expires": fields["expirationDate"]})
        return {
            "id": self._store.next("tripletex.session"),
            "version": 0,
            "url": "",
            "consumerToken": {"id": 0, "url": ""},
            "employeeToken": {"id": 0, "url": ""},
            "expirationDate": fields["expirationDate"],
            "token": token,
            "encryptionKey": None,
        }

    def check(self, authorization: str) -> None:
        """Raise 401/3000 unless the header holds a living session for our company."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            user, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorised() from None
        if scheme.lower() != "basic" or user not in ("", "0", str(COMPANY_ID)):
            raise unauthorised()
        session = self._sessions.get(token)
        if session is None or self._today() >= date.fromisoformat(session["expires"]):
            raise unauthorised()

    def end(self, token: str) -> bool:
        """Forget a session; False when there was none."""
        return self._sessions.delete(token) is not None

    def _today(self) -> date:
        return self._clock.now().astimezone(OSLO).date()
