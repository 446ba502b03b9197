"""nameko entrypoint for work done on time: again and again, a pause after it last ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from nameko.extensions import Entrypoint

from shared import log
from shared.bus import metrics
from shared.bus.pace import Pace, longer
from shared.bus.stopping import STOPPING
from shared.context import Context, working_in
from shared.identifiers import new_id

FINISH_SECONDS: Final = 22.0

_log = log.get("bus.timer")


class Timer(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """Runs `work` in a green thread of its own; a failed round is logged, the next one comes."""

    def __init__(self, name: str, seconds: float, work: Callable[[], Any], *, pace: Pace, **kwargs: Any) -> None:
        """`seconds` is the pause between the end of a round and the beginning of the next, by the system's clock.

        It grows while `pace` says that nothing changes.
        """
        super().__init__(**kwargs)
        self._name = name
        self._seconds = seconds
        self._work = work
        self._pace = pace
        self._stopping = threading.Event()
        self._done = threading.Event()
        self._begun = False

    def start(self) -> None:
        """Begin with the first round at once."""
        self._begun = True
        self.container.spawn_managed_thread(self._run, identifier=self._name)

    def stop(self) -> None:
        """End the pause at once, or let the present round come to its end."""
        self._stopping.set()
        self._pace.note_end()
        if self._begun:
            self._done.wait(FINISH_SECONDS)

    def kill(self) -> None:
        """Begin no other round."""
        self._stopping.set()
        self._pace.note_end()

    def _run(self) -> None:
        try:
            pause = self._seconds
            while not self._stopping.is_set():
                before = self._pace.changes
                self._round()
                changed = self._pace.changes != before
                pause = self._seconds if changed else longer(pause, self._seconds)
                self._pace.wait_for_round(self._seconds, pause, before, ending=self._stopping)
        finally:
            self._done.set()

    def _round(self) -> None:
        with working_in(Context(correlation_id=new_id())):
            self._carry_out()

    def _carry_out(self) -> None:
        try:
            self._work()
        except STOPPING:
            raise
        except BaseException as error:  # noqa: BLE001  # also eventlet.Timeout: one round must not end all others
            metrics.TIMED_RUNS.labels(self._name, "failed").inc()
            _log.error("round_failed", work=self._name, exc_info=error)
        else:
            metrics.TIMED_RUNS.labels(self._name, "done").inc()
