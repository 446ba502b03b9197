"""The first thing a service process does: make waiting cooperative before anybody has learnt to wait otherwise.

The first two lines of a service's `__main__` are `from shared.bus import monkey_patch` and `monkey_patch.apply()`.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import Any, Final

WAIT_FUNCTION: Final = "wait_select"
TOO_EARLY: Final = ("psycopg", "psycopg_pool", "kombu", "amqp", "nameko", "urllib3", "requests")
"""Whoever imported one of these before the patch holds sockets and locks that block the whole process."""


class PatchedTooLateError(RuntimeError):
    """Something that waits was imported before the process was made cooperative."""


def apply() -> None:
    """Make this process cooperative. Call it once, before any import that waits.

    Raises `PatchedTooLateError`, naming the module, where psycopg or a user of sockets is already imported.
    """
    early = [name for name in TOO_EARLY if name in sys.modules]
    if early:
        raise PatchedTooLateError(f"monkey_patch.apply() must run before the import of {', '.join(early)}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # known: it has one room here
        import eventlet  # noqa: PLC0415  # importing it is what this function is for

        eventlet.monkey_patch()
    os.environ["PSYCOPG_WAIT_FUNC"] = WAIT_FUNCTION
    _make_psycopg_cooperative()
    use_plain_json()


def is_patched() -> bool:
    """Whether this process runs on green threads."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("socket"))


def use_plain_json() -> None:
    """Teach kombu to read and write JSON as it stands.

    kombu's own JSON turns a dict with the keys `__type__` and `__value__` into another type when reading. Whoever
    may write to a queue could so make a body unreadable, or into something that its reader does not expect.
    """
    from kombu import serialization  # noqa: PLC0415  # after the patch

    serialization.register(  # type: ignore[no-untyped-call]  # kombu is partly typed
        "json", _dump, _load, content_type="application/json", content_encoding="utf-8"
    )


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _load(text: str | bytes) -> Any:
    return json.loads(text)


def _make_psycopg_cooperative() -> None:
    import psycopg_pool.pool  # noqa: PLC0415  # after the patch
    from psycopg import waiting  # noqa: PLC0415  # after the patch

    if waiting.wait is not waiting.wait_select:
        raise PatchedTooLateError("psycopg did not take PSYCOPG_WAIT_FUNC=wait_select and would block the process")
    # A green thread killed by a time limit raises BaseException; the pool must count that waiter as gone.
    psycopg_pool.pool.CLIENT_EXCEPTIONS = BaseException  # type: ignore[assignment]
