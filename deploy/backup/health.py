"""Whether the process lives, and how old the backups are, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Final

from shared.probe_server import ProbeServer

REQUEST_SECONDS: Final = 5
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class HealthServer(ProbeServer):
    """Answers /livez, /readyz and /metrics. An old backup makes nothing unready: restarting would not cure it."""

    def __init__(self, address: tuple[str, int], measures: Callable[[], Mapping[str, float]]) -> None:
        """`measures` returns the figures of the moment by name, in the form of Prometheus."""
        self.measures = measures
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_SECONDS
    server: HealthServer
    server_version: ClassVar[str] = "vilkar"  # type: ignore[misc]  # says no more of itself than its name
    sys_version: ClassVar[str] = ""  # type: ignore[misc]

    def do_GET(self) -> None:
        """Answer a monitor."""
        if self.path == "/metrics":
            lines = [f"{name} {value:g}\n" for name, value in self.server.measures().items()]
            self._answer(HTTPStatus.OK, "".join(lines).encode(), METRICS_TYPE)
        elif self.path in {"/livez", "/readyz"}:
            self._answer(HTTPStatus.OK, json.dumps({"alive": True}).encode(), "application/json")
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"{}", "application/json")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name
        """Requests of the health check are not worth a line."""

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
