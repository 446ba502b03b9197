"""The HTTP server that probes and collectors of figures ask."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any, ClassVar

from shared import log

_log = log.get("probe_server")


class ProbeServer(ThreadingHTTPServer):
    """One thread a request, and no traceback: a probe that hangs up in the middle of its answer is no news."""

    daemon_threads: ClassVar[bool] = True  # type: ignore[misc]  # the base has it as its instances' own

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # the base's arguments
        """Note what went wrong in our log; the base would print a traceback to the standard error."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            _log.error("request_failed", exc_info=error)
