"""Heavy C calls in native threads, so that they hold up nobody else in the process.

Only for functions that compute: hashing a password, drawing a chart. What waits on a socket or a lock of this
process belongs on the green thread it is on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

from shared.bus import monkey_patch
from shared.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

AT_ONCE: Final = max(2, min(8, os.cpu_count() or 2))
"""More than the processors gain nothing, and a password hash takes 19 to 64 MiB while it runs.

So many native threads there are as well: eventlet would start twenty, and each keeps memory of its own.
"""
PATIENCE_SECONDS: Final = 10.0

_gate: list[threading.BoundedSemaphore] = []


def offload(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `function` beside the event loop and return what it returns, or raise what it raises.

    At most `AT_ONCE` run at a time; raises `Unavailable` when there was no turn within 10 s. Where the process
    is not patched the function is simply called.
    """
    if not monkey_patch.is_patched():
        return function(*args, **kwargs)
    from eventlet import tpool  # noqa: PLC0415  # only in a patched process

    gate = _the_gate()
    if not gate.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable(f"no turn for heavy work within {PATIENCE_SECONDS} s")
    try:
        result: Any = tpool.execute(function, *args, **kwargs)
    finally:
        gate.release()
    return result  # type: ignore[no-any-return]


def _the_gate() -> threading.BoundedSemaphore:
    """Made at first use, so that it is of the patched kind; the threads are started after it."""
    if not _gate:
        from eventlet import tpool  # noqa: PLC0415  # only in a patched process

        tpool.set_num_threads(AT_ONCE)
        _gate.append(threading.BoundedSemaphore(AT_ONCE))
    return _gate[0]
