"""Waiting for what happens elsewhere: asked again and again, within a limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def until(
    look: Callable[[], Any], *, what: str | Callable[[], str] = "it", seconds: float = 60.0, every: float = 0.05
) -> Any:
    """What `look` returns as soon as that is true; the test fails where it takes longer than `seconds`.

    `what` was waited for; a function says it with what was seen last. It is looked `every` so often, and after the
    first few times more seldom, four times a second: a look costs a core what others wait for.
    """
    deadline, pause = time.monotonic() + seconds, every
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what if isinstance(what, str) else what()}"
        time.sleep(pause)
        pause = max(every, min(pause * 1.2, 0.25))
    return seen
