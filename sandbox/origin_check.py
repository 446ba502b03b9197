"""Keeps web pages of others away from what the sandbox shows and lets be changed.

The sandbox listens on a machine on which somebody browses. A page of a stranger can have a browser call it: under a
name of its own that it lets lead here (DNS rebinding), or from its own origin with a body that asks nobody's leave
(text/plain). The vendors' interfaces need keys; control and pages need none, so they look at who calls.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, MisdirectedRequest, UnsupportedMediaType

if TYPE_CHECKING:
    from sandbox.web import Request

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SAME: Final = frozenset({"", "same-origin", "none"})
"""What `Sec-Fetch-Site` says of a call that no foreign page made; programs that are no browsers send none."""


def check(request: Request) -> None:
    """Raise a refusal (werkzeug's HTTPException) for a call that a web page of somebody else may have made."""
    if not is_ours(_hostname(request.host)):
        raise MisdirectedRequest("The sandbox is reached by an IP address or a name of this machine.")
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != request.host:
        raise Forbidden("A page of another origin may not call the sandbox.")
    if request.headers.get("Sec-Fetch-Site", "") not in SAME and request.path.startswith("/control"):
        raise Forbidden("A page of another origin may not call the sandbox.")
    changing = request.method not in READING
    if changing and request.get_data() and request.mimetype != "application/json":
        raise UnsupportedMediaType("The body must be application/json.")


def is_ours(host: str) -> bool:
    """Say whether a name can only be one of ours: an address, or a name without a dot, which nobody can register.

    `sandbox` is the one in containers, `localhost` the one at home.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host.rstrip(".") and bool(host)
    return True


def _hostname(host: str) -> str:
    """The host without its port, an IPv6 address without its brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
