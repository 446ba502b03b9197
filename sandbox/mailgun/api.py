"""Mailgun over HTTP: who may call, which path does what, and how it fails."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from email.utils import format_datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from werkzeug.exceptions import RequestEntityTooLarge

from sandbox.faults import Outcome
from sandbox.mailgun import events, letters, logs
from sandbox.mailgun.delivery import SCENARIOS, Delivery
from sandbox.mailgun.state import TABLES, State
from sandbox.mailgun.suppressions import Suppressions, complaint
from sandbox.mailgun.webhooks import Webhooks
from sandbox.web import (
    HTTPException,
    Request,
    Response,
    Routes,
    check_size,
    json_answer,
    json_body,
    unzip,
)

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.scheduler import Scheduler
    from sandbox.settings import SandboxSettings
    from sandbox.store import Collection, Store
    from shared.clock import Clock

DEFAULT_WAIT_SECONDS: Final = 2.0
_GATEWAY_PAGE: Final = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)


class Mailgun:
    """The stand-in for api.eu.mailgun.net."""

    name = "mailgun"

    def __init__(self, settings: SandboxSettings, store: Store, scheduler: Scheduler, clock: Clock) -> None:
        """Keep everything in `store`; events follow letters by way of `scheduler`."""
        self._settings = settings
        self.state = State(settings, store, scheduler, clock)
        self.webhooks = Webhooks(self.state)
        self._delivery = Delivery(self.state, self.webhooks.announce)
        table = f"/v3/<domain>/<any({','.join(TABLES)}):table>"
        suppressions = Suppressions(self.state)
        self._routes = Routes(
            [
                ("POST", "/v3/<domain>/messages", self._send),
                ("GET", "/v3/domains/<domain>/messages/<key>", self._stored),
                ("GET", "/v3/<domain>/events", self._events),
                ("GET", "/v3/<domain>/events/<token>", self._events_page),
                ("POST", "/v1/analytics/logs", self._logs),
                ("GET", table, suppressions.listing),
                ("POST", table, suppressions.add),
                ("DELETE", table, suppressions.clear),
                ("GET", f"{table}/<address>", suppressions.read),
                ("DELETE", f"{table}/<address>", suppressions.delete),
            ]
        )

    @property
    def letters(self) -> Collection:
        """Every letter taken, oldest first, as it reached its recipients."""
        return self.state.letters

    def handle(self, request: Request, path: str) -> Response:
        """Answer a call."""
        if not self._authorised(request):
            return self._forbidden(path)
        try:
            check_size(request)
            unzip(request)
            return self._dispatch(request, path)
        except RequestEntityTooLarge:
            return complaint("request size exceeds 52.4MiB limit", 413)
        except (letters.BadLetterError, events.BadQueryError) as error:
            return complaint(str(error), 400)
        except HTTPException as error:
            # A wrong path is answered by something that does not speak JSON.
            return Response("404 page not found\n", status=error.code, mimetype="text/plain")

    def _dispatch(self, request: Request, path: str) -> Response:
        handler, values = self._routes.find(request, path)
        domain = values.get("domain")
        if domain is not None and not self._knows(domain):
            return complaint(f"Domain not found: {domain}", 404)
        return handler(request, **values)

    def refuse(self, outcome: Outcome, fault: Fault) -> Response:
        """Fail as Mailgun does."""
        if outcome is Outcome.UNAUTHORISED:
            return self._forbidden(fault.path)
        if outcome is Outcome.FORBIDDEN:
            return complaint("Domain is not allowed to send large batches yet", 403)
        if outcome in (Outcome.HTML_ERROR, Outcome.BAD_GATEWAY):
            return Response(_GATEWAY_PAGE, status=502, mimetype="text/html")
        if outcome is Outcome.UNAVAILABLE:
            return complaint("Service Unavailable", 503)
        if outcome in (Outcome.RATE_LIMITED, Outcome.RATE_LIMITED_BARE):
            return self._too_many(fault, headers=outcome is Outcome.RATE_LIMITED)
        return complaint("Internal Server Error", 500)

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Turn runtime; scenarios must be known ones."""
        if not isinstance(changes.get("scenarios", {}), dict):
            raise ValueError("scenarios must be of type dict")  # noqa: TRY004  # one error kind for callers
        named = [*changes.get("scenarios", {}).values(), changes.get("default_scenario", "delivered")]
        for name in named:
            if name not in SCENARIOS:
                raise ValueError(f"unknown scenario {name!r}; known: {', '.join(SCENARIOS)}")
        if "scenarios" in changes:
            changes = {**changes, "scenarios": {a.lower(): s for a, s in changes["scenarios"].items()}}
        return self.state.runtime.turn(changes)

    def holdings(self) -> dict[str, list[tuple[str, Any]]]:
        """What Mailgun would still hold: stored messages, events, suppressions."""
        self.state.forget_expired()
        held: dict[str, list[tuple[str, Any]]] = {
            "messages": list(self.state.messages.items()),
            "events": list(self.state.events.items()),
        }
        for table in TABLES:
            held[table] = list(self.state.table(table).items())
        return held

    def reset(self) -> None:
        """Nothing to prepare."""

    def _authorised(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        right = compare_digest(password.encode(), self._settings.mailgun_api_key.encode())
        return scheme.lower() == "basic" and user == "api" and right

    def _forbidden(self, path: str) -> Response:
        if path.endswith("/messages"):
            return json_answer("Forbidden", 401)
        return complaint("Invalid private key", 401)

    def _knows(self, domain: str) -> bool:
        known = self._settings.mailgun_domains
        return domain in known if known else "." in domain

    def _too_many(self, fault: Fault, *, headers: bool) -> Response:
        wait = fault.seconds or DEFAULT_WAIT_SECONDS
        at = self.state.clock.now() + timedelta(seconds=wait)
        text = format_datetime(at).replace("+0000", "UTC")
        sent = {"Retry-After": str(max(1, round(wait))), "X-RateLimit-Reset": f"{at.timestamp():.3f}"}
        return json_answer(
            {
                "message": "Domain is not allowed to send: request limit exceeded, "
                f"try again after {text if headers else f'{wait:g} seconds'}"
            },
            429,
            sent if headers else None,
        )

    def _send(self, request: Request, domain: str) -> Response:
        letters.check(request.form)
        letter = letters.compose(
            domain,
            request.form,
            request.files,
            now=self.state.clock.now(),
            base=f"{request.host_url}mailgun",
        )
        self.state.letters.put(letter["key"], letter)
        self.state.messages.put(letter["key"], letter)
        self._delivery.begin(letter)
        return json_answer({"id": f"<{letter['id']}>", "message": "Queued. Thank you."})

    def _stored(self, _request: Request, domain: str, key: str) -> Response:
        self.state.forget_expired()
        letter = self.state.messages.get(key)
        if letter is None or letter["domain"] != domain:
            return complaint("Message not found", 404)
        return json_answer(letters.stored_form(letter))

    def _events(self, request: Request, domain: str) -> Response:
        return json_answer(events.query(self.state, domain, request.args, base=f"{request.host_url}mailgun"))

    def _events_page(self, request: Request, domain: str, token: str) -> Response:
        asked = events.read_token(token)
        return json_answer(events.page(self.state, domain, asked, base=f"{request.host_url}mailgun"))

    def _logs(self, request: Request) -> Response:
        try:
            asked = json_body(request)
        except json.JSONDecodeError:
            return complaint("Bad request: invalid JSON", 400)
        return json_answer(logs.query(self.state, asked))
