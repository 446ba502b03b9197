"""The HTTP server that probes and collectors of figures ask: `/livez`, `/readyz` and `/metrics`."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import log

REQUEST_SECONDS: Final = 5.0

_log = log.get("health_server")

Probe = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Whether all is well (200) or not (503), and what the JSON of the answer says."""


class HealthServer(ThreadingHTTPServer):
    """One thread a request: green where the process is patched by eventlet, native elsewhere."""

    daemon_threads: ClassVar[bool] = True  # type: ignore[misc]  # the base has it as its instances' own

    def __init__(
        self, host: str, port: int, *, livez: Probe, readyz: Probe, metrics: Callable[[], bytes] = generate_latest
    ) -> None:
        """Bind at once; port 0 takes any free one, see `port`. `metrics` is in the text format of Prometheus."""
        self.probes: Mapping[str, Probe] = {"/livez": livez, "/readyz": readyz}
        self.metrics = metrics
        super().__init__((host, port), _Handler)
        self.port = int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(None,), name="health", daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self.socket.shutdown(socket.SHUT_RDWR)  # ends the wait for a request
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base's arguments
        """Note what went wrong in our log; the base would print a traceback to the standard error.

        A probe that hangs up in the middle of its answer is no news.
        """
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            _log.error("request_failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_SECONDS
    wbufsize = -1  # one piece: a probe hangs up when it has read the first line
    server: HealthServer
    server_version: ClassVar[str] = "vilkar"  # type: ignore[misc]  # says no more of itself than its name
    sys_version: ClassVar[str] = ""  # type: ignore[misc]

    def do_GET(self) -> None:
        """Answer one of the three."""
        if self.path == "/metrics":
            self._send(HTTPStatus.OK, self.server.metrics(), CONTENT_TYPE_LATEST)
        elif self.path in self.server.probes:
            well, body = self.server.probes[self.path]()
            status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
            self._send(status, json.dumps(body).encode(), "application/json")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"{}", "application/json")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
        """Say nothing: probes come every few seconds."""

    def _send(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
