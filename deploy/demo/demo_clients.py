"""The stage of the demo: the gateway as a customer reaches it, and the sandboxed vendors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import requests

from shared.email_addresses import compared_email
from shared.errors import Permanent, Unavailable

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.25
LINK: Final = re.compile(r"https?://\S+/(confirm|password)/([A-Za-z0-9_%.~-]+)")

T = TypeVar("T")


class Unexpected(Permanent):
    """The system answered otherwise than it must."""


class Gateway:
    """What a customer's browser does."""

    def __init__(self, url: str) -> None:
        """`url` of the gateway, without trailing slash."""
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy between us and our own system
        self._http.headers["User-Agent"] = "vilkar-demo"

    def ask(self, method: str, path: str, *, expect: int, token: str | None = None, json: Any = None) -> Any:
        """One request; raises `Unexpected` where the status is not `expect`, after waiting out a 429 or 503."""
        for _ in range(20):
            answer = self._request(method, path, token=token, json=json)
            if answer.status_code not in {429, 503} or answer.status_code == expect:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), 10.0))
        if answer.status_code != expect:
            raise Unexpected(
                f"{method} {path} answered {answer.status_code} instead of {expect}: {answer.text[:300]}"
            )
        return answer.json() if answer.content else None

    def status(self, method: str, path: str, *, token: str | None = None) -> int:
        """The status that one request is answered with, whichever it is."""
        return self._request(method, path, token=token).status_code

    def _request(self, method: str, path: str, *, token: str | None, json: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._http.request(
                method, self._url + path, json=json, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS)
            )
        except requests.RequestException as error:
            raise Unavailable(f"the gateway does not answer: {type(error).__name__}") from None


class Vendors:
    """The sandbox's control interface."""

    def __init__(self, url: str) -> None:
        """`url` of the sandbox."""
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy between us and our own machine

    def get(self, path: str, **query: str) -> Any:
        """One look."""
        try:
            answer = self._http.get(self._url + path, params=query, timeout=(CONNECT_SECONDS, READ_SECONDS))
            answer.raise_for_status()
        except requests.RequestException as error:
            raise Unavailable(f"the sandbox does not answer: {type(error).__name__}") from None
        return answer.json()

    def letters(self) -> list[dict[str, Any]]:
        """Every letter in the mailboxes, oldest first."""
        return list(self.get("/control/letters")["letters"])

    def tokens(self, kind: str) -> dict[str, str]:
        """The newest link token of `kind` (confirm, password) by recipient, from the letters."""
        found: dict[str, str] = {}
        for letter in self.letters():
            link = LINK.search(letter.get("text") or "")
            if link and link.group(1) == kind:
                for recipient in letter["recipients"]:
                    found[compared_email(recipient)] = link.group(2)
        return found


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
