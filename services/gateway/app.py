"""The WSGI application: find the endpoint, read the body, check it, know who calls, answer.

One table (`services.gateway.endpoints`) says what is offered; this module knows no single endpoint.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import idna
import marshmallow as ma
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoSuchAddress
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from services.account.login.calls import Authenticate
from services.gateway import problems
from shared import context
from shared.actor import Actor
from shared.calls import Call, Caller
from shared.context import Context
from shared.errors import Invalid, NotFound, Unauthenticated
from shared.http import security_headers
from shared.http.bodies import InvalidToken, Malformed, MethodNotAllowed, bearer_token, read_json
from shared.http.bodies import idempotency_key as read_key
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter
from shared.identifiers import new_id
from shared.records import Record, schema_of

R = TypeVar("R", bound=Record)

CALL_SECONDS: Final = 10.0
"""Longer than nearly any service's own limit, so that the service's answer is the one that counts."""
BODY_LIMIT_BYTES: Final = 256 * 1024
USER_AGENT_LIMIT: Final = 400


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who calls, as the account service knows it."""

    account_id: UUID
    user_id: UUID
    role: str
    token: str = field(repr=False)


def key_of(session: Session | None, request: Request, given: str) -> str:
    """The key of a command: of who asks, of where, and of what the client or the form gives."""
    who = session.user_id if session else "public"
    return hashlib.sha256(f"{who}\n{request.method} {request.path}\n{given}".encode()).hexdigest()


def origin_at(request: Request, address: str) -> dict[str, Any]:
    """Where a request came from, as the account service wants to know it."""
    agent = request.headers.get("User-Agent", "")
    readable = "".join(letter for letter in agent if letter.isprintable()).strip()[:USER_AGENT_LIMIT]
    return {"ip": address, "user_agent": readable or None}


@dataclass(frozen=True, kw_only=True)
class HttpCall:
    """One request after all checks: what an endpoint works on. `body` is JSON as it was sent."""

    request: Request
    caller: Caller
    parameters: Mapping[str, Any]
    body: dict[str, Any]
    query: dict[str, str]
    address: str
    host: str
    public_url: str
    session_or_none: Session | None = None
    idempotency_key: str | None = None

    @property
    def session(self) -> Session:
        """The session of an endpoint that needs one."""
        if self.session_or_none is None:
            raise Unauthenticated
        return self.session_or_none

    def ask(self, call: Call[R]) -> R:
        """Ask another service; a command with the client's `Idempotency-Key` where there is one."""
        key = self.own_key if call.is_command else None
        return ask(self.caller, call, idempotency_key=key)

    @property
    def own_key(self) -> str | None:
        """The `Idempotency-Key` as it counts for this user at this address, and for nobody else.

        Services keep a key apart by who acts and for which account. Made of the address too, one key serves several
        requests; and what a client writes into it goes no further.
        """
        if self.idempotency_key is None:
            return None
        return key_of(self.session_or_none, self.request, self.idempotency_key)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One line of the table of what is offered."""

    method: str
    path: str
    operation: str
    summary: str
    work: Callable[[HttpCall], Any]
    request: type[ma.Schema] | None = None
    query: type[ma.Schema] | None = None
    """What may stand after the `?` of the address; without it what stands there is not looked at."""
    reply: type[Record] | None = None
    file_type: str | None = None
    """The kind of file that is answered with in place of a reply in JSON."""
    status: int = 200
    needs_session: bool = False
    limit: str | None = None
    keyed: bool = False
    """Whether an `Idempotency-Key` makes a repetition harmless."""
    tag: str = "account"
    refusals: tuple[int, ...] = ()
    """Statuses of problem documents beside those that follow from the rest."""
    bare_refusals: tuple[int, ...] = ()
    """Statuses without a body, as a vendor wants them."""


@cache
def _routes(offered: tuple[tuple[str, str, str], ...]) -> Map:
    """Which path and method is which operation; made once, for it takes longer than all else of a gateway."""
    rules = [Rule(path, methods=[method], endpoint=operation) for path, method, operation in offered]
    return Map(rules, strict_slashes=False, redirect_defaults=False)


class Gateway:
    """The application."""

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        *,
        caller: Caller,
        limiter: Limiter,
        public_url: str,
        proxies: Proxies | None = None,
        error_page: Callable[[Request, Exception], Response] | None = None,
    ) -> None:
        """`caller` reaches the services; `limiter` knows every `limit` that the endpoints name.

        `public_url` is where customers reach us; its host is told to services, not what a request claims.
        `proxies` are those whose word on a client's address counts, by default nobody's. `error_page` makes the
        page for a reader whose request failed; programs, and all without it, get a problem document.
        """
        self._endpoints = {endpoint.operation: endpoint for endpoint in endpoints}
        self._map = _routes(tuple((e.path, e.method, e.operation) for e in self._endpoints.values()))
        self._caller = caller
        self._limiter = limiter
        self._proxies = proxies or Proxies()
        self._error_page = error_page
        self._public_url = public_url
        self._host = idna.encode(urlsplit(public_url).hostname or "unknown", uts46=True).decode("ascii")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request; whatever is raised becomes a problem document."""
        request = Request(environ)
        request_context = Context(correlation_id=new_id(), traceparent=None, actor="public")
        with context.working_in(request_context):
            try:
                answer = self._answer(request)
            except Exception as error:  # noqa: BLE001  # the outermost layer: every error becomes an answer
                answer = self._failed(request, _translate(error))
        for name, value in security_headers.FOR_PROGRAMS.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Correlation-Id"] = str(request_context.correlation_id)
        return answer(environ, start_response)

    def _failed(self, request: Request, error: Exception) -> Response:
        answer = problems.of_error(error)
        if self._error_page is None or not wants_page(request):
            return answer
        page = self._error_page(request, error)
        page.status_code = answer.status_code
        for name in problems.TELLING_HEADERS & {name for name, _ in answer.headers}:
            page.headers[name] = answer.headers[name]
        return page

    def _answer(self, request: Request) -> Response:
        address_map = self._map.bind_to_environ(request.environ)
        if request.method == "OPTIONS" and (allowed := list(address_map.allowed_methods())):
            return Response(status=204, headers={"Allow": ", ".join(sorted({*allowed, "OPTIONS"}))})
        operation, parameters = address_map.match()
        endpoint = self._endpoints[operation]
        address = self._proxies.client(request.environ)
        if endpoint.limit is not None:
            self._limiter.take(endpoint.limit, address, time.monotonic())
        body = read_body(request, endpoint.request) if endpoint.request is not None else {}
        key = read_key(request) if endpoint.keyed else None
        session = self._session(request) if endpoint.needs_session else None
        call = HttpCall(
            request=request,
            caller=self._caller,
            parameters=parameters,
            body=body,
            query=read_query(request, endpoint.query),
            address=address,
            host=self._host,
            public_url=self._public_url,
            idempotency_key=key,
            session_or_none=session,
        )
        if session is None:
            return _respond(endpoint, endpoint.work(call))
        with context.acting_as(str(Actor.user(session.user_id)), session=session.token):
            return _respond(endpoint, endpoint.work(call))

    def _session(self, request: Request) -> Session:
        token = bearer_token(request)
        try:
            known = ask(self._caller, Authenticate(token=token))
        except (Invalid, Unauthenticated):
            raise InvalidToken from None  # too short or too long for one is none as well
        return Session(account_id=known.account_id, user_id=known.user_id, role=known.role, token=token)


def ask(caller: Caller, call: Call[R], *, idempotency_key: str | None = None) -> R:
    """Ask a service, and wait until it has surely answered or given up."""
    seconds = max(CALL_SECONDS, call.seconds)
    return caller.ask(call, idempotency_key=idempotency_key, timeout_seconds=seconds)


def _translate(error: Exception) -> Exception:
    if isinstance(error, (NoSuchAddress, RequestRedirect)):
        return NotFound("There is nothing at this address.")
    if isinstance(error, WrongMethod):
        return MethodNotAllowed(details={"allow": [*(error.valid_methods or ()), "OPTIONS"]})
    if isinstance(error, HTTPException):
        return Malformed("The request could not be read.")
    return error


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, outside the interface for programs."""
    asks = [kind for kind, quality in request.accept_mimetypes if quality > 0]
    return "text/html" in asks and not request.path.startswith("/v1/")


def read_body(request: Request, schema: type[ma.Schema]) -> dict[str, Any]:
    """The body as it was sent, now that it is right.

    Raises `UnsupportedMediaType`, `TooLarge`, `Malformed` or `Invalid`.
    """
    parsed = read_json(request, BODY_LIMIT_BYTES)
    errors = schema().validate(parsed)
    if errors:
        raise Invalid(details={"errors": errors})
    return parsed


def read_query(request: Request, schema: type[ma.Schema] | None) -> dict[str, str]:
    """What stands after the `?`, each name once, now that it is right. Raises `Invalid`."""
    if schema is None:
        return {}
    given = request.args.to_dict(flat=False)
    errors = {name: ["This stands more than once."] for name, values in given.items() if len(values) > 1}
    query = {name: values[0] for name, values in given.items()}
    errors = errors or schema().validate(query)
    if errors:
        raise Invalid(details={"errors": errors})
    return query


def _respond(endpoint: Endpoint, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    if endpoint.reply is None:
        return Response(status=endpoint.status)
    text = json.dumps(schema_of(endpoint.reply).dump(result), ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=endpoint.status, content_type="application/json")
