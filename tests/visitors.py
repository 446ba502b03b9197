"""Who visits an application in a test's own process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.test import Client


def visitor(application: Any) -> Client:
    """A client with a network address, as the server gives every visitor one."""

    def addressed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answered: Iterable[bytes] = application({"REMOTE_ADDR": "127.0.0.1"} | environ, start_response)
        return answered

    return Client(addressed)
