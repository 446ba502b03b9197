"""Every cookie that the customers' pages set. `docs/cookies.md` is made of this list and that of the desk."""

from __future__ import annotations

from typing import Final

from services.gateway.web import sessions
from shared.web.cookies import OF_EVERY_HOST, Cookie, Inventory

COOKIES: Final = (
    Cookie(
        name=sessions.COOKIE,
        seconds=None,
        holds="a random number, of which the service account keeps a digest; whose it is stands there alone",
        why="a person has logged in; the session ends an hour after its last use, and after 12 hours",
    ),
    *OF_EVERY_HOST,
)
INVENTORY: Final = Inventory(COOKIES)
