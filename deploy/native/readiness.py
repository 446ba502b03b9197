"""Asks processes whether they are ready, and waits for it with a limit."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ANSWER_LIMIT_SECONDS = 2.0
_POLL_SECONDS = 0.25


def ready(url: str) -> bool:
    """Say whether a process answers 200 at its readiness address within two seconds."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy between us and our own machine
        try:
            return session.get(url, timeout=_ANSWER_LIMIT_SECONDS).status_code == HTTPStatus.OK
        except requests.RequestException:
            return False


def wait_all(
    names: Sequence[str],
    *,
    timeout_s: float,
    is_ready: Callable[[str], bool],
    on_ready: Callable[[str], None],
    hopeless: Callable[[str], bool],
) -> list[str]:
    """Wait until every process is ready; return the names of those that are not when the time is up.

    `on_ready` hears each name once. `hopeless` may say of a name that waiting on is vain (it keeps dying).
    """
    deadline = time.monotonic() + timeout_s
    waiting = list(names)
    while waiting:
        for name in [name for name in waiting if is_ready(name)]:
            on_ready(name)
            waiting.remove(name)
        if not waiting or time.monotonic() > deadline or any(hopeless(name) for name in waiting):
            break
        time.sleep(_POLL_SECONDS)
    return waiting
