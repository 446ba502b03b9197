"""Whether the process lives, whether it serves, and what it counts, over HTTP beside the worker pool.

`/livez` never depends on the database or the broker: restarting cures neither. `/readyz` does.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import log
from shared.bus import metrics
from shared.errors import VilkarError
from shared.probe_server import ProbeServer

PULSE_SECONDS: Final = 0.5
PULSE_LIMIT_SECONDS: Final = 5.0
READER_LIMIT_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 2.0
REQUEST_SECONDS: Final = 5.0

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
        """All return machine words for what is wrong; `serves` is asked every 2 s.

        What `warns` says does not keep the process from serving: a vendor that does not answer, say.
        """
        self.warnings = warns
        self._lives = lives
        self._serves = serves
        self._beat = time.monotonic()
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
        """Machine words; empty where the process serves. Answers at once with what was found last."""
        if self.starting or self.draining:
            return ["starting" if self.starting else "draining"]
        return self._reasons

    def look(self) -> None:
        """Find out whether the process serves; called every 2 s by a thread of its own, for it may take long."""
        self._reasons = self._ask()
        metrics.READY.set(0 if self._reasons or self.starting or self.draining else 1)

    def _ask(self) -> list[str]:
        try:
            return self._serves()
        except VilkarError as error:
            _log.warning("not_ready", exc_info=error)
            return [type(error).__name__.lower()]
        except Exception as error:  # noqa: BLE001  # whatever it is, the process does not serve
            _log.error("readiness_check_failed", exc_info=error)
            return ["check_failed"]


class HealthServer:
    """Serves `/livez`, `/readyz` and `/metrics`; green where the process is patched, threaded elsewhere."""

    def __init__(self, health: Health, *, host: str, port: int) -> None:
        """Bind at once; port 0 takes any free one, see `port`."""
        self._health = health
        self._server = ProbeServer((host, port), _handler_for(health))
        self.port = int(self._server.server_address[1])
        self._stopping = threading.Event()

    def start(self) -> None:
        """Serve, and let the heart beat."""
        serving = threading.Thread(target=self._server.serve_forever, args=(PULSE_SECONDS,), daemon=True)
        serving.start()
        threading.Thread(target=self._beat, daemon=True).start()
        threading.Thread(target=self._look, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _beat(self) -> None:
        while not self._stopping.wait(PULSE_SECONDS):
            self._health.beat()

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            if not self._health.starting:
                self._health.look()


def _handler_for(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS
        wbufsize = -1  # one piece: a probe hangs up when it has read the first line
        server_version = "vilkar"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer one of the three."""
            if self.path == "/metrics":
                self._send(HTTPStatus.OK, generate_latest(), CONTENT_TYPE_LATEST)
            elif self.path in ("/livez", "/readyz"):
                reasons = health.why_not_alive() if self.path == "/livez" else health.why_not_ready()
                status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
                body = {"status": "unavailable" if reasons else "ok", "reasons": reasons}
                if self.path == "/readyz":
                    body["warnings"] = health.warnings()
                self._send(status, json.dumps(body).encode(), "application/json")
            else:
                self._send(HTTPStatus.NOT_FOUND, b"{}", "application/json")

        def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
            """Say nothing: probes come every few seconds."""

    return Handler
