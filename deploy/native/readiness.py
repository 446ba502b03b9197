"""Asks processes whether they are ready, and waits for it with a limit."""

from __future__ import annotations

import time
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ANSWER_LIMIT_SECONDS = 2.0
_POLL_SECONDS = 0.25


def ready(url: str) -> bool:
    """Say whether a process of this machine answers 200 at its readiness address within two seconds.

    A dozen are asked four times a second while a system starts, on the processors that they start on: `requests`
    takes four times as much to ask, and ten times where nobody listens yet.
    """
    address = urlsplit(url)
    with closing(HTTPConnection(address.netloc, timeout=_ANSWER_LIMIT_SECONDS)) as connection:
        try:
            connection.request("GET", address.path or "/")
            answer = connection.getresponse()
            answer.read()  # who answers is not cut off
        except (OSError, HTTPException):
            return False
    return answer.status == HTTPStatus.OK


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
