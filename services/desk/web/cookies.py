"""Every cookie that the desk sets: what it holds, how long, and why. The customers' host sets none.

`answers.remember` sets nothing that is not here. `docs/cookies.md` is made of this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.desk import sessions
from services.desk.web import csrf, preferences


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie. `seconds` is its age, None for one that the browser forgets when it is closed."""

    name: str
    seconds: int | None
    holds: str
    why: str


COOKIES: Final = (
    Cookie(
        name=sessions.COOKIE,
        seconds=None,
        holds="a random number, of which the service staff keeps a digest; whose it is stands there alone",
        why="a person of staff has logged in; the session ends an hour after its last use, and after 12 hours",
    ),
    Cookie(
        name=csrf.COOKIE,
        seconds=csrf.COOKIE_SECONDS,
        holds="a random number made for this browser; nothing is kept of it",
        why="a form that another site makes the browser send is refused; what stood in a form as the session ended "
        "is sealed with it for an hour",
    ),
    Cookie(
        name=preferences.cookie_of("language"),
        seconds=preferences.SECONDS,
        holds="`nb` or `en`",
        why="the reader chose a language",
    ),
    Cookie(
        name=preferences.cookie_of("scheme"),
        seconds=preferences.SECONDS,
        holds="`auto`, `light` or `dark`",
        why="the reader chose light or dark",
    ),
)
INVENTORY: Final[Mapping[str, Cookie]] = MappingProxyType({each.name: each for each in COOKIES})
PATH: Final = "/"
SAME_SITE: Final = "Lax"
