"""Whether the process lives, whether it serves, and what it counts, over HTTP beside the worker pool.

`/livez` never depends on the database or the broker: restarting cures neither. `/readyz` does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from shared import log
from shared.bus import metrics
from shared.errors import VilkarError
from shared.health_server import HealthServer

PULSE_SECONDS: Final = 1.0
PULSE_LIMIT_SECONDS: Final = 5.0
READER_LIMIT_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 2.0
"""How often the process is looked at while somebody asks whether it is ready."""
REST_LOOK_SECONDS: Final = 10.0
"""The same while nobody does."""
FRESH_LOOK_SECONDS: Final = 1.0

_log = log.get("bus.health")


class Health:
    """What the process knows of its own state."""

    def __init__(
        self,
        *,
        lives: Callable[[], list[str]],
        serves: Callable[[], list[str]],
        warns: Callable[[], list[str]] = list,
    ) -> None:
        """All return machine words for what is wrong.

        `serves` is asked every 2 s, or every 10 s while nobody wants to know.
        What `warns` says does not keep the process from serving: a vendor that does not answer, say.
        """
        self.warnings = warns
        self._lives = lives
        self._serves = serves
        self._beat = self._asked_at = self._looked_at = time.monotonic()
        self._wanted, self._looked = threading.Event(), threading.Event()
        self._reasons: list[str] = []
        self.starting = True
        self.draining = False

    def beat(self) -> None:
        """Called over and over by a thread of its own; where it is not, something holds the process up."""
        self._beat = time.monotonic()

    def why_not_alive(self) -> list[str]:
        """Machine words; empty where all is well."""
        stuck = ["event_loop_stuck"] if time.monotonic() - self._beat > PULSE_LIMIT_SECONDS else []
        return stuck + self._lives()

    def why_not_ready(self) -> list[str]:
        """Machine words; empty where the process serves.

        Answers with what was found in the last seconds.
        Whoever asks after a rest waits for a look, a second at most.
        """
        if self.starting or self.draining:
            return ["starting" if self.starting else "draining"]
        self._asked_at = time.monotonic()
        if self._asked_at - self._looked_at > 2 * LOOK_SECONDS:
            self._looked.clear()
            self._wanted.set()
            self._looked.wait(FRESH_LOOK_SECONDS)
        return self._reasons

    def livez(self) -> tuple[bool, dict[str, Any]]:
        """The answer of `/livez`."""
        return _answer(self.why_not_alive())

    def readyz(self) -> tuple[bool, dict[str, Any]]:
        """The answer of `/readyz`."""
        return _answer(self.why_not_ready(), warnings=self.warnings())

    def look(self) -> None:
        """Find out whether the process serves; called by a thread of its own, for it may take long."""
        self._reasons = self._ask()
        self._looked_at = time.monotonic()
        self._looked.set()
        metrics.READY.set(0 if self._reasons or self.starting or self.draining else 1)

    def wait_for_look(self) -> None:
        """Wait until it is time for the next look."""
        asked = time.monotonic() - self._asked_at < REST_LOOK_SECONDS
        self._wanted.wait(LOOK_SECONDS if asked else REST_LOOK_SECONDS)
        self._wanted.clear()

    def _ask(self) -> list[str]:
        try:
            return self._serves()
        except VilkarError as error:
            _log.warning("not_ready", exc_info=error)
            return [type(error).__name__.lower()]
        except Exception as error:  # noqa: BLE001  # whatever it is, the process does not serve
            _log.error("readiness_check_failed", exc_info=error)
            return ["check_failed"]


def _answer(reasons: list[str], **more: Any) -> tuple[bool, dict[str, Any]]:
    return not reasons, {"status": "unavailable" if reasons else "ok", "reasons": reasons, **more}


class ServiceHealthServer(HealthServer):
    """Serves what `health` knows, and keeps finding it out."""

    def __init__(self, health: Health, *, host: str, port: int) -> None:
        """As the base."""
        super().__init__(host, port, livez=health.livez, readyz=health.readyz)
        self._health = health
        self._stopping = threading.Event()

    def start(self) -> None:
        """Serve, and let the heart beat."""
        super().start()
        threading.Thread(target=self._beat, daemon=True).start()
        threading.Thread(target=self._look, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._stopping.set()
        super().close()

    def _beat(self) -> None:
        while not self._stopping.wait(PULSE_SECONDS):
            self._health.beat()

    def _look(self) -> None:
        while not self._stopping.is_set():
            self._health.wait_for_look()
            if not self._health.starting:
                self._health.look()
