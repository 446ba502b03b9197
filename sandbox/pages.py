"""The pages a person looks at. (Placeholder answers until the templates follow in the next slice.)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.web import Request, Response

if TYPE_CHECKING:
    from sandbox.app import Sandbox


class Pages:
    """Everything that is neither a vendor nor the control API."""

    def __init__(self, sandbox: Sandbox) -> None:
        """`sandbox` is what is shown."""
        self._sandbox = sandbox

    def handle(self, request: Request) -> Response:
        """Answer a call."""
        return Response(f"{request.path}\n", status=404, mimetype="text/plain")
