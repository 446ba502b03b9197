"""Keeps calls that nobody answers from taking every thread.

Two limits stand between the gateway and the bus. So many calls may wait at once; one more is refused at once. And a
service that let a call run into its time limit, and has answered none since, gets none for a moment and then a few
at a time until it answers one: the rest are refused at once instead of waiting in their turn. A limit shorter than
the usual one tells nothing: else whoever names it could have a service called silent that is none.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from shared.calls import Caller
from shared.errors import DeadlineExceeded, Unavailable

PLACES: Final = 28
PROBES: Final = 4
PAUSE_SECONDS: Final = 2.0


class CircuitBreaker(Caller):
    """A caller that refuses what would only wait. Its calls raise `Unavailable` where they are refused."""

    def __init__(
        self,
        caller: Caller,
        *,
        default_seconds: float,
        places: int = PLACES,
        probes: int = PROBES,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """`default_seconds` is the time limit of a call that names none; `places` is for all services together.

        `probes` calls at a time go to a silent service, `pause_seconds` after the last one that ran out.
        """
        self._caller = caller
        self._default_seconds = default_seconds
        self._places = places
        self._probes = probes
        self._pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._answered: dict[str, float] = {}
        self._silent: dict[str, float] = {}

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """The reply of `service`; see `Caller.call`."""
        began = time.monotonic()
        self._enter(service, began)
        answered: bool | None = True
        try:
            return self._caller.call(service, method, timeout_seconds=timeout_seconds, **fields)
        except (DeadlineExceeded, Unavailable):
            # The service may say so itself, and then it answers; only a limit run out is silence.
            limit = self._default_seconds if timeout_seconds is None else timeout_seconds
            if time.monotonic() - began >= limit:
                answered = None if limit < self._default_seconds else False
            raise
        finally:
            self._leave(service, began, answered=answered)

    def _enter(self, service: str, now: float) -> None:
        with self._lock:
            waiting, silent = self._waiting.get(service, 0), self._silent.get(service)
            if silent is not None and (waiting >= self._probes or now < silent + self._pause_seconds):
                raise Unavailable(f"{service} does not answer, and gets few calls until it does")
            if sum(self._waiting.values()) >= self._places:
                raise Unavailable(f"{service} cannot be called: {self._places} calls wait already")
            self._waiting[service] = waiting + 1

    def _leave(self, service: str, began: float, *, answered: bool | None) -> None:
        """`answered` is None where the call tells nothing of the service: nobody waited long enough."""
        with self._lock:
            self._waiting[service] -= 1
            now = time.monotonic()
            if answered:
                self._answered[service] = now
                self._silent.pop(service, None)
            elif answered is False and self._answered.get(service, 0.0) < began:
                self._silent[service] = now
