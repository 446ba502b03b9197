"""Protection against forged requests (CSRF): no other site makes a reader's browser do something here.

Three things must hold for whatever changes something: the browser says that the request comes from a page of this
host, the form carries the token that only a page of this host can know, and the cookie it is checked against cannot
be set by anybody else (`__Host-`). The token belongs to the browser and not to the session: a form that was open
while a session ended can be sent after the next log-in.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from shared.errors import Forbidden

COOKIE: Final = "__Host-vilkar-form"
FIELD: Final = "form_token"
COOKIE_SECONDS: Final = 180 * 24 * 60 * 60
MADE_HERE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(Forbidden):
    """The request was made by another site, or by something that does not say by whom."""

    code = "foreign_origin"


class FormNotOurs(Forbidden):
    """The form has no token, or that of another browser."""

    code = "form_not_ours"


class Guard:
    """Tells requests of our own pages from those of others."""

    def __init__(self, public_url: str) -> None:
        """`public_url` is where readers reach the pages."""
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def check_origin(self, request: Request) -> None:
        """Raises `ForeignOrigin` where another site made the browser ask, unless it is a link that was followed."""
        if request.method in HARMLESS:
            followed = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")) == (
                "navigate",
                "document",
            )
            if is_foreign(request) and not followed:
                raise ForeignOrigin
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if (site is None and origin is None) or site not in (None, "same-origin"):
            raise ForeignOrigin
        if origin is not None and origin != self._origin:
            raise ForeignOrigin

    def check_form(self, request: Request) -> None:
        """Raises `FormNotOurs` for a form that was not made for this browser."""
        cookie, given = request.cookies.get(COOKIE, ""), request.form.get(FIELD, "")
        if not MADE_HERE.fullmatch(cookie) or not hmac.compare_digest(given.encode(), token_of(cookie).encode()):
            raise FormNotOurs


def is_foreign(request: Request) -> bool:
    """Whether a page of another site made the browser ask: also by a link that was followed."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def is_our_own(request: Request) -> bool:
    """Whether a page of this host made the browser ask; a link in a mail program is nobody's, and no such page."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def browser_of(request: Request) -> str:
    """The number by which forms know this browser: its own, or a new one for a browser that has none."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if MADE_HERE.fullmatch(cookie) else secrets.token_urlsafe(32)


def token_of(browser: str) -> str:
    """What stands in a form: not the number itself, which no page shows."""
    return hmac.new(browser.encode(), b"vilkar form", sha256).hexdigest()
