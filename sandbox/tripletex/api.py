"""Tripletex over HTTP: sessions, rate limit, paths, and the way every answer looks."""

from __future__ import annotations

import json
import math
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from sandbox.faults import Outcome
from sandbox.runtime_settings import RuntimeSettings
from sandbox.tripletex.errors import TripletexError, forbidden, not_found, unauthorised
from sandbox.tripletex.handlers import Handlers
from sandbox.tripletex.hooks import Hooks
from sandbox.tripletex.orders import Orders
from sandbox.tripletex.session import Sessions
from sandbox.tripletex.store import TripletexStore
from sandbox.web import HTTPException, Request, Response, Routes, json_answer, json_body

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.scheduler import Scheduler
    from sandbox.settings import SandboxSettings
    from sandbox.store import Store
    from shared.clock import Clock

# Three steps for the vendor's thirty hours, and then the subscription is switched off.
RETRY_SECONDS: Final = (0.2, 0.4, 0.8)
RUNTIME_SETTINGS: Final[dict[str, Any]] = {
    "language": "no",
    "bank_account": True,
    "rate_limit": 100,
    "rate_period_seconds": 1.0,
    "rate_reset_on_429": True,
    # Bulk writing is not open to everybody; it was refused where it was tried.
    "forbidden_paths": ["/customer/list"],
    "webhook_twice": False,
    "webhook_gap_every": 0,
    "webhook_retry_seconds": list(RETRY_SECONDS),
}
_BROKEN: Final = (
    "<html><head><title>Feilsituasjon - Tripletex</title></head><body><h1>Feilsituasjon</h1></body></html>"
)


class Tripletex:
    """The stand-in for tripletex.no/v2."""

    name = "tripletex"

    def __init__(self, settings: SandboxSettings, store: Store, scheduler: Scheduler, clock: Clock) -> None:
        """Keep everything in `store`; webhooks go out by way of `scheduler`."""
        self.runtime = RuntimeSettings(store.collection("sandbox.runtime_settings"), "tripletex", RUNTIME_SETTINGS)
        self.books = TripletexStore(store, clock, self.runtime)
        self.orders = Orders(self.books)
        self._sessions = Sessions(settings, store, clock)
        self._limit = _Limit(self.runtime)
        hooks = self._hooks = Hooks(self.books, scheduler, f"{settings.host}:{settings.port}/tripletex")
        self.books.announce = hooks.announce
        desk = Handlers(self.books, self.orders, hooks)
        self._open = Routes(
            [
                ("POST", "/token/session/:create", self._create_session),
                ("PUT", "/token/session/:create", self._create_session_by_url),
            ]
        )
        self._routes = Routes([*desk.table(), ("DELETE", "/token/session/<token>", self._end_session)])

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call. `/v2` before the path is understood, for a base URL that keeps it."""
        path = path.removeprefix("/v2") if path.startswith("/v2/") else path
        request_id = str(uuid.uuid4())
        headers = self._limit.count()
        try:
            if headers.get("X-Rate-Limit-Remaining") == "-1":
                return _too_many({**headers, "X-Rate-Limit-Remaining": "0"}, request_id)
            response = self._answer(request, path)
        except TripletexError as error:
            response = json_answer(error.as_json(request_id, self.runtime["language"]), error.status)
        response.headers.update({**headers, "x-tlx-request-id": request_id})
        return response

    def refuse(self, outcome: Outcome, fault: Fault) -> Response:
        """Fail as Tripletex does."""
        request_id = str(uuid.uuid4())
        if outcome in (Outcome.RATE_LIMITED, Outcome.RATE_LIMITED_BARE):
            headers = {
                "X-Rate-Limit-Limit": str(self.runtime["rate_limit"]),
                "X-Rate-Limit-Remaining": "0",
            }
            if outcome is Outcome.RATE_LIMITED:
                headers["X-Rate-Limit-Reset"] = str(max(1, round(fault.seconds)))
            return _too_many(headers, request_id)
        errors = {
            Outcome.UNAUTHORISED: unauthorised(),
            Outcome.FORBIDDEN: forbidden(),
            Outcome.SERVER_ERROR: TripletexError(500, 1000, None),
        }
        error = errors.get(outcome)
        if error is not None:
            response = json_answer(error.as_json(request_id, self.runtime["language"]), error.status)
        else:
            status = {Outcome.BAD_GATEWAY: 502, Outcome.UNAVAILABLE: 503}.get(outcome, 500)
            response = Response(_BROKEN, status=status, mimetype="text/html")
        response.headers["x-tlx-request-id"] = request_id
        return response

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Turn runtime."""
        if changes.get("language", "no") not in ("no", "en"):
            raise ValueError("language must be no or en")
        return self.runtime.turn(changes)

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """Everything in the books."""
        return self.books.holdings()

    def reset(self) -> None:
        """Nothing to prepare."""

    def listening_on(self, address: str) -> None:
        """`address` (host:port) stands in the url of objects in webhooks."""
        self._hooks.listening_on(f"{address}/tripletex")

    def _answer(self, request: Request, path: str) -> Response:
        try:
            if path == "/token/session/:create":
                handler, values = self._open.find(request, path)
            else:
                self._sessions.check(request.headers.get("Authorization", ""))
                if any(part in path for part in self.runtime["forbidden_paths"]):
                    raise forbidden()
                handler, values = self._routes.find(request, path)
        except HTTPException as error:
            if error.code == 405:  # noqa: PLR2004  # method not allowed
                raise TripletexError(405, 4000, "HTTP 405 Method Not Allowed") from None
            raise not_found() from None
        try:
            return handler(request, **values)
        except json.JSONDecodeError:
            raise TripletexError(422, 22000, "Invalid JSON", developer="Request mapping failed") from None

    def _create_session(self, request: Request) -> Response:
        return json_answer({"value": self._sessions.create(json_body(request))}, 201)

    def _create_session_by_url(self, request: Request) -> Response:
        return json_answer({"value": self._sessions.create(request.args.to_dict())})

    def _end_session(self, _request: Request, token: str) -> Response:
        if not self._sessions.end(token):
            raise not_found()
        return Response(status=204)


class _Limit:
    """So many calls a period, counted for all together: there is one employee and one consumer here."""

    def __init__(self, runtime: RuntimeSettings) -> None:
        self._knobs = runtime
        self._ends = 0.0
        self._used = 0

    def count(self) -> dict[str, str]:
        """The headers of this call; remaining -1 says that it is one too many."""
        now = time.monotonic()
        if now >= self._ends:
            self._ends = now + self._knobs["rate_period_seconds"]
            self._used = 0
        self._used += 1
        limit = self._knobs["rate_limit"]
        headers = {
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(max(limit - self._used, -1)),
        }
        if self._used <= limit or self._knobs["rate_reset_on_429"]:
            headers["X-Rate-Limit-Reset"] = str(math.ceil(self._ends - now))
        return headers


def _too_many(headers: dict[str, str], request_id: str) -> Response:
    # No recorded body exists; plain text keeps a client from reading one.
    text = Response("Too Many Requests", status=429, mimetype="text/plain", headers=headers)
    text.headers["x-tlx-request-id"] = request_id
    return text
