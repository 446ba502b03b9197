"""A pager over HTTP: it takes calls to whoever is on duty that are signed, each once, and keeps what they said."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final

from sandbox.faults import Outcome
from sandbox.web import HTTPException, Request, Response, Routes, json_answer, json_body

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.settings import SandboxSettings
    from sandbox.store import Store
    from shared.clock import Clock

TOLERANCE_SECONDS: Final = 300
_STATUS: Final = {
    Outcome.RATE_LIMITED: 429,
    Outcome.RATE_LIMITED_BARE: 429,
    Outcome.BAD_GATEWAY: 502,
    Outcome.UNAVAILABLE: 503,
}


class Pager:
    """The stand-in for a pager or a room of a chat. It holds us to our own description, for there is no other."""

    name = "pager"

    def __init__(self, settings: SandboxSettings, store: Store, clock: Clock) -> None:
        """`settings` has the secret that the calls are signed with."""
        self._secret = settings.duty_hook_secret.encode()
        self._clock = clock
        self.calls = store.collection("sandbox.page")
        self._routes = Routes([("POST", "/hook", self._take)])

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call."""
        try:
            handler, values = self._routes.find(request, path)
            return handler(request, **values)
        except HTTPException as error:
            return Response(status=error.code)

    def refuse(self, outcome: Outcome, fault: Fault) -> Response:  # noqa: ARG002  # it has no words for it
        """Fail as any web server does."""
        return Response(status=_STATUS.get(outcome, 500))

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """The calls that it took: nothing of a customer may be among them."""
        return {"call": self.calls.items()}

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """There is nothing to configure."""
        if changes:
            raise ValueError("the pager has no settings")
        return {}

    def reset(self) -> None:
        """Nothing to prepare."""

    def _take(self, request: Request) -> Response:
        body = request.get_data()
        stamp = request.headers.get("Vilkar-Timestamp", "")
        mac = hmac.new(self._secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("Vilkar-Signature", ""), f"v1={mac}"):
            return Response(status=401)
        if not stamp.isdecimal() or abs(int(stamp) - self._clock.now().timestamp()) > TOLERANCE_SECONDS:
            return Response(status=401)
        said = json_body(request)
        if not isinstance(said, dict) or request.headers.get("Vilkar-Alert-Id") != said.get("alert_id"):
            return Response(status=400)
        if self.calls.get(said["alert_id"]) is None:
            self.calls.put(said["alert_id"], said)
        return json_answer({"taken": said["alert_id"]}, 202)
