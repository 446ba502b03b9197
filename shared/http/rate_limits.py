"""A first brake on login, sign-up and letters: a token bucket for each address and kind of request.

It stands in this process's memory and keeps a flood from reaching the account service. What must hold over all
replicas, the growing delay after failed logins, is kept in the account service's database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from shared.errors import TooMany
from shared.network_addresses import sender_of

MOST_BUCKETS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once and `per_minute` on average."""

    burst: int
    per_minute: int


class Limiter:
    """Token buckets, at most `MOST_BUCKETS`; the one longest unused makes room for a new one."""

    def __init__(self, rates: dict[str, Rate]) -> None:
        """`rates` by kind of request."""
        self._rates = rates
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, kind: str, who: str, now_seconds: float) -> None:
        """Count one request of `kind` from the address `who` at a monotonic instant.

        Raises `TooMany` with the wait.
        """
        who = sender_of(who)
        rate = self._rates[kind]
        per_second = rate.per_minute / 60
        with self._lock:
            level, at = self._buckets.pop((kind, who), (float(rate.burst), now_seconds))
            level = min(float(rate.burst), level + (now_seconds - at) * per_second)
            allowed = level >= 1
            self._buckets[kind, who] = (level - 1 if allowed else level, now_seconds)
            while len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        if not allowed:
            wait = max(1, round((1 - level) / per_second))
            raise TooMany("Too many requests from your address.", details={"retry_after_seconds": wait})
