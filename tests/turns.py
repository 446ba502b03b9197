"""Which pages are looked at in which combination of language, colours and size on a day, and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, TypeVar

P = TypeVar("P")

KEPT: Final = "vilkar/looked-at-{host}"
"""Where pytest keeps it between runs: `pytest --cache-show 'vilkar/*'`."""


def in_turn(places: Sequence[P], number: int, many: int, day: date) -> Sequence[P]:
    """Of all places those whose turn it is on that day, in the combination of this number out of so many.

    Each has one turn a day, and after as many days as there are combinations each has had all of them.
    """
    return places[(number + day.toordinal()) % many :: many]


def keep(cache: Any, host: str, combination: Iterable[str], places: Iterable[object], day: date) -> None:
    """Keep on which day these pages of a host were last looked at in this combination."""
    kept: dict[str, dict[str, str]] = cache.get(KEPT.format(host=host), {})
    for place in places:
        kept.setdefault(str(place), {})[" ".join(combination)] = day.isoformat()
    cache.set(KEPT.format(host=host), kept)
