"""What shall happen a little later: events that follow a letter, webhooks, and their repetitions.

Jobs are documents in the store, so they survive a restart. They are due by the machine's own clock and not by
the movable one: moving the demo three months ahead must not fire three months of repetitions at once.
"""

from __future__ import annotations

import heapq
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.store import Collection, Store

Job = dict[str, Any]

MAX_IDLE_SECONDS: Final = 0.5
WORKERS: Final = 16


def seconds_now() -> float:
    """Seconds since 1970 by the machine's clock; only for due times, never shown to a caller."""
    return time.time()  # noqa: TID251  # see the module's text


class Scheduler:
    """Runs jobs when they are due, each kind by the function registered for it."""

    def __init__(self, store: Store) -> None:
        """Continue with the jobs that an earlier run left behind."""
        self._jobs: Collection = store.collection("sandbox.job")
        self._handlers: dict[str, Callable[[Job], None]] = {}
        self._quick: set[str] = set()
        self._wake = threading.Condition()
        self._due: list[tuple[float, int]] = [(entry["due"], int(key)) for key, entry in self._jobs.items()]
        heapq.heapify(self._due)
        self._last = max((number for _, number in self._due), default=0)
        self._stopping = False
        self._log = structlog.get_logger("sandbox.scheduler")
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="sandbox-job")
        self._thread = threading.Thread(target=self._run, name="sandbox-scheduler", daemon=True)

    def register(self, kind: str, handler: Callable[[Job], None], *, quick: bool = False) -> None:
        """`handler` carries out jobs of `kind`, in bounded time; a `quick` one never waits for anybody."""
        self._handlers[kind] = handler
        if quick:
            self._quick.add(kind)

    def add(self, kind: str, job: Job, *, delay_seconds: float = 0.0) -> None:
        """Do `job` after `delay_seconds`."""
        due = seconds_now() + delay_seconds
        with self._wake:
            self._last += 1
            number = self._last
        self._jobs.put(number, {"kind": kind, "due": due, "job": job})
        with self._wake:
            heapq.heappush(self._due, (due, number))
            self._wake.notify()

    def pending(self) -> list[Job]:
        """All jobs not yet done, oldest first."""
        return self._jobs.values()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the jobs that are under way; the rest stays in the store."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._stopping:
                    return
                wait = self._due[0][0] - seconds_now() if self._due else MAX_IDLE_SECONDS
                if wait > 0:
                    self._wake.wait(min(wait, MAX_IDLE_SECONDS))
                    continue
                _, number = heapq.heappop(self._due)
            entry = self._jobs.get(number)
            if entry is not None and entry["kind"] in self._quick:
                # Not behind webhooks that wait for a slow receiver.
                self._carry_out(str(number))
            else:
                self._pool.submit(self._carry_out, str(number))

    def _carry_out(self, key: str) -> None:
        entry = self._jobs.get(key)
        try:
            if entry is not None:  # None: everything was forgotten in the meantime
                self._handlers[entry["kind"]](entry["job"])
        except Exception:  # noqa: BLE001  # whatever a job raises is the sandbox's own fault: shown, not repeated for ever
            self._log.exception("sandbox_job_failed", kind=entry["kind"] if entry else None)
        finally:
            self._jobs.delete(key)
