"""What a host says of every cookie it sets: what it holds, how long, and why. What is not listed is not set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from shared.web import csrf, preferences

PATH: Final = "/"
SAME_SITE: Final = "Lax"


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie. `seconds` is its age, None for one that the browser forgets when it is closed."""

    name: str
    seconds: int | None
    holds: str
    why: str


OF_EVERY_HOST: Final = (
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
"""What pages of either host have, whoever reads them."""


class Inventory(Mapping[str, Cookie]):
    """The cookies of one host by their names, and the one place that sets them."""

    def __init__(self, cookies: Iterable[Cookie]) -> None:
        """`cookies` are all that the host may set."""
        self._cookies = {each.name: each for each in cookies}

    def __getitem__(self, name: str) -> Cookie:
        return self._cookies[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cookies)

    def __len__(self) -> int:
        return len(self._cookies)

    def remember(self, answer: Response, name: str, value: str) -> None:
        """Set a cookie of the inventory: of this host alone, which no script reads and no other site sends.

        Raises `KeyError` for a cookie that is not in it.
        """
        age = self[name].seconds
        answer.set_cookie(name, value, max_age=age, path=PATH, secure=True, httponly=True, samesite=SAME_SITE)

    def remembered(self, answer: Response, name: str) -> str | None:
        """What an answer has the browser remember by this name; None where it has nothing of it, or forgets it."""
        set_by = (header.partition(";")[0] for header in answer.headers.getlist("Set-Cookie"))
        return next((value for each in set_by if (value := parse_cookie(each).get(self[name].name))), None)

    def forget(self, answer: Response, name: str) -> None:
        """Have the browser forget a cookie of the inventory. Raises `KeyError` for one that is not in it."""
        known = self[name].name
        answer.delete_cookie(known, path=PATH, secure=True, httponly=True, samesite=SAME_SITE)
