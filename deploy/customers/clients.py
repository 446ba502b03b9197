"""The gateway as a customer reaches it, and the sandboxed vendors with the letters."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import requests

from shared.email_addresses import compared_email
from shared.errors import Permanent, Unavailable

TIMEOUTS: Final = (5.0, 60.0)
"""To connect, and between two bytes, in seconds."""
TRIES: Final = 20
LONGEST_PATIENCE: Final = 10.0
POLL_SECONDS: Final = 0.25
LINK: Final = re.compile(r"https?://\S+/(confirm|password)/([A-Za-z0-9_%.~-]+)")

T = TypeVar("T")


class Unexpected(Permanent):
    """The system answered otherwise than it must."""


class Gateway:
    """What a customer's browser does."""

    def __init__(self, url: str, *, address: str | None = None) -> None:
        """`url` of the gateway; `address` is the network address a trusted proxy would name."""
        self._url = url.rstrip("/")
        self._headers = {"X-Forwarded-For": address} if address else {}

    def ask(self, method: str, path: str, *, expect: int, token: str | None = None, json: Any = None) -> Any:
        """One request; raises `Unexpected` where the status is not `expect`, after waiting out a 429 or 503."""
        for _ in range(TRIES):
            answer = self._request(method, path, token=token, json=json)
            if answer.status_code not in {429, 503} or answer.status_code == expect:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), LONGEST_PATIENCE))
        if answer.status_code != expect:
            raise Unexpected(
                f"{method} {path} answered {answer.status_code} instead of {expect}: {answer.text[:300]}"
            )
        return answer.json() if answer.content else None

    def status(self, method: str, path: str, *, token: str | None = None) -> int:
        """The status that one request is answered with, whichever it is."""
        return self._request(method, path, token=token).status_code

    def _request(self, method: str, path: str, *, token: str | None, json: Any = None) -> requests.Response:
        headers = self._headers | ({"Authorization": f"Bearer {token}"} if token else {})
        return _request("the gateway", method, self._url + path, json=json, headers=headers)


class Vendors:
    """The sandbox's control interface."""

    def __init__(self, url: str) -> None:
        """`url` of the sandbox."""
        self._url = url.rstrip("/")

    def get(self, path: str, **query: str) -> Any:
        """One look."""
        answer = _request("the sandbox", "GET", self._url + path, params=query)
        if not answer.ok:
            raise Unavailable(f"the sandbox answers {answer.status_code}")
        return answer.json()

    def letters(self) -> list[dict[str, Any]]:
        """Every letter in the mailboxes, oldest first."""
        return list(self.get("/control/letters")["letters"])

    def tokens(self, kind: str) -> dict[str, str]:
        """The newest link token of `kind` (confirm, password) by recipient, from the letters."""
        by_kind: dict[str, str] = {}
        for letter in self.letters():
            link = LINK.search(letter.get("text") or "")
            if link and link.group(1) == kind:
                for recipient in letter["recipients"]:
                    by_kind[compared_email(recipient)] = link.group(2)
        return by_kind


def _request(whom: str, method: str, url: str, **options: Any) -> requests.Response:
    """One request on a connection of its own: those of before do not outlive a restart of who answers."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy between us and our own machine
        try:
            return session.request(method, url, timeout=TIMEOUTS, **options)
        except requests.RequestException as error:
            raise Unavailable(f"{whom} does not answer: {type(error).__name__}") from None


def wait_for(what: str, look: Callable[[], T | None], *, seconds: float) -> T:
    """Look again and again until something is there. Raises `Unexpected` after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() >= until:
            raise Unexpected(f"{what} did not happen within {seconds:.0f} seconds")
        time.sleep(POLL_SECONDS)
