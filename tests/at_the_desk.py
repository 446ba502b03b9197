"""An invented person of a demo in a browser, over HTTP: without scripts and without a passkey."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests

from shared.web.csrf import FIELD

SECONDS = 30.0


@dataclass(frozen=True)
class Seen:
    """A page."""

    status: int
    html: str

    def form(self, button: str) -> dict[str, str]:
        """What the form with this button sends, and to where as `action`."""
        for text in re.findall(r"<form.*?</form>", self.html, re.DOTALL):
            if f">{button}</button>" in text:
                hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text)
                (action,) = re.findall(r'<form [^>]*action="([^"]+)"', text)
                return {**dict(hidden), "action": action}
        raise AssertionError(f"no form with the button {button}")


class AtTheDesk:
    """Logged in with one click. Cookies are kept by hand: no client of programs keeps those for TLS alone."""

    def __init__(self, url: str, host: str, code: str) -> None:
        """`url` is where the desk listens, `host` its name and port as its address for staff has them."""
        self._url, self._host = url.rstrip("/"), host
        self._cookies = {"__Host-vilkar-language": "en"}
        page, button = self.get("/log-in"), f"Log in as an invented person: {code}"
        self.token = page.form(button)[FIELD]
        assert self.press(page, button).status == 303

    def get(self, path: str) -> Seen:
        """A page."""
        return self._asked("GET", path)

    def post(self, path: str, **form: Any) -> Seen:
        """What a form would send, whether a page offers it or not."""
        return self._asked("POST", path, **form, **{FIELD: self.token})

    def press(self, page: Seen, button: str, **filled: Any) -> Seen:
        """Send the form of this button, with what is hidden in it."""
        sent = page.form(button)
        return self._asked("POST", sent.pop("action"), **sent, **filled)

    def _asked(self, method: str, path: str, **form: Any) -> Seen:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Host": self._host, "Origin": f"http://{self._host}", "Cookie": cookies}
        answer = requests.request(
            method, self._url + path, data=form, headers=headers, allow_redirects=False, timeout=SECONDS
        )
        self._cookies.update(answer.cookies.get_dict())
        return Seen(answer.status_code, answer.text)
