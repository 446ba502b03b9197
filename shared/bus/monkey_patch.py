"""The first thing a service process does: make waiting cooperative before anybody has learnt to wait otherwise.

The first two lines of a service's `__main__` are `from shared.bus import monkey_patch` and `monkey_patch.apply()`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_FUNCTION: Final = "wait_select"
TOO_EARLY: Final = ("psycopg", "psycopg_pool", "kombu", "amqp", "nameko", "urllib3", "requests")
"""Whoever imported one of these before the patch holds sockets and locks that block the whole process."""
LOOK_UPS: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "getnameinfo")
"""What eventlet answers by asking name servers itself, so that nobody else waits meanwhile."""
_NO_NAME_SERVERS: Final = "EVENTLET_NO_GREENDNS"
OBJECTS_BETWEEN_COLLECTIONS: Final = 10_000
"""At the usual 700 a tenth of a start is spent looking for garbage among what is being loaded."""


class PatchedTooLateError(RuntimeError):
    """Something that waits was imported before the process was made cooperative."""


def apply() -> None:
    """Make this process cooperative. Call it once, before any import that waits.

    Raises `PatchedTooLateError`, naming the module, where psycopg or a user of sockets is already imported.
    A process that was forked from one that is cooperative already stays what it is.
    """
    if is_patched():
        return
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    early = [name for name in TOO_EARLY if name in sys.modules]
    if early:
        raise PatchedTooLateError(f"monkey_patch.apply() must run before the import of {', '.join(early)}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # known: it has one room here
        os.environ[_NO_NAME_SERVERS] = "yes"
        import eventlet  # noqa: PLC0415  # importing it is what this function is for

        del os.environ[_NO_NAME_SERVERS]
        _look_names_up_cooperatively()
        use_hub()  # before anything makes one of the usual kind, which would stay open
        eventlet.monkey_patch()
    os.environ["PSYCOPG_WAIT_FUNC"] = WAIT_FUNCTION
    _make_psycopg_cooperative()
    use_plain_json()


def _look_names_up_cooperatively() -> None:
    """Let eventlet ask name servers, but load what it does so with when the first name is looked up.

    That is a fifth of what a service loads at its start, and where servers are given by number it is never used.
    """
    from eventlet.green import _socket_nodns, socket  # noqa: PLC0415  # after eventlet itself

    for name in LOOK_UPS:
        setattr(socket, name, _asking_name_servers(name))
    by_name = socket.getaddrinfo

    @wraps(_socket_nodns.getaddrinfo)
    def getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:  # noqa: A002, PLR0917  # as socket has it
        try:
            return _socket_nodns.getaddrinfo(host, port, family, type, proto, flags | _socket_nodns.AI_NUMERICHOST)
        except _socket_nodns.gaierror as error:
            if error.errno != _socket_nodns.EAI_NONAME:
                raise
        return by_name(host, port, family, type, proto, flags)

    socket.getaddrinfo = getaddrinfo


def _asking_name_servers(name: str) -> Callable[..., Any]:
    def look_up(*arguments: Any, **named: Any) -> Any:
        from eventlet.support import greendns  # noqa: PLC0415  # see above

        return getattr(greendns, name)(*arguments, **named)

    return look_up


def use_hub() -> None:
    """Have this thread's hub sleep until somebody is to be woken.

    eventlet's own wakes for timers that were cancelled as well. Each wait with a limit leaves one, and psycopg
    waits a tenth of a second at a time: a service at rest woke twice as often as it had anything to do.
    """
    import heapq  # noqa: PLC0415  # see above

    from eventlet import hubs  # noqa: PLC0415  # see above
    from eventlet.hubs import epolls  # noqa: PLC0415  # see above

    class Hub(epolls.Hub):  # type: ignore[misc]  # eventlet is untyped
        is_available = staticmethod(epolls.is_available)

        def sleep_until(self) -> Any:
            timers = self.timers
            while timers and timers[0][1].called:
                heapq.heappop(timers)
                self.timers_canceled -= 1
            return super().sleep_until()

    hubs.use_hub(Hub)


def forget_hub() -> None:
    """Leave no hub behind in a process that is going to be forked: each fork makes its own when it first waits.

    Raises `PatchedTooLateError` where something waits already, or has waited.
    """
    from eventlet import hubs  # noqa: PLC0415  # see above

    hub = hubs.get_hub()
    if hub.running or hub.greenlet or hub.get_readers() or hub.get_writers() or hub.get_timers_count():
        raise PatchedTooLateError("something waits already, and would wait in every fork")
    hub.poll.close()
    use_hub()


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
