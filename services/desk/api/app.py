"""The desk's interface for programs: what staff may do in a browser, a command line does here with a session.

    POST /api/v1/calls/<service>/<method>    Authorization: Bearer <session>    {"account_id": …}
    POST /api/v1/calls                       {"calls": […]}: those of one page, told as one act of looking
    POST /api/v1/machine-alarms                     what is wrong with backups and ledger, where the desk is
    POST /api/v1/invented-people/<code>/sessions    in a demo: a session of one of its people

It answers with the reply of the call as JSON, or with a problem document. Who acts is signed for each call as it is
for a page. No cookie is read here: a browser that is made to ask proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoSuchAddress
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from services.desk.api import headers, problems
from services.desk.api.allowed_calls import FOR_EVERYBODY, IN_A_BROWSER
from services.desk.api.batch import LONGEST_SECONDS, SHORTEST_SECONDS, Batch, BatchedCall, BatchOutcome, CallOutcome
from services.desk.api.machine_alarms import PATH, MachineAlarms
from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.client import CALL_SECONDS
from services.desk.demo_log_in import InventedPeople
from services.desk.known_calls import CallClass, known_call
from services.desk.requests_refused import RequestsRefused
from services.desk.sessions import Session
from services.staff.authentication.calls import InSession
from services.staff.device_log_in.calls import BeginDeviceLogIn
from shared import context, log
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.calls import Caller, read_reply
from shared.context import Context
from shared.errors import Forbidden, Internal, Invalid, NotFound, Refused, Transient
from shared.http import security_headers
from shared.http.bodies import InvalidToken, Malformed, MethodNotAllowed, bearer_token, idempotency_key, read_json
from shared.http.client_address import Proxies
from shared.http.rate_limits import Limiter, Rate
from shared.identifiers import new_id
from shared.records import Record
from shared.staff import Act, Purpose, act_name
from shared.web import session_door
from shared.web.session_door import SessionDoor, Sessions

PREFIX: Final = "/api"
"""Below it the application is put; it sees what comes after."""
BODY_LIMIT_BYTES: Final = 256 * 1024
BROUGHT: Final = "token"
"""The field of a call that brings its session."""
PROOF, BEGUN = "proof", "begun"
RATES: Final = {PROOF: Rate(burst=60, per_minute=60), BEGUN: Rate(burst=20, per_minute=6)} | session_door.RATES
"""`proof` is for each address, of what is offered to whoever is not known yet. `begun` is for each address too, of
command lines that begin to log in: each waits ten minutes, and 500 may in all, so one address alone must not take
all places."""
BEGINS: Final = act_name("staff", BeginDeviceLogIn.method)

logger = log.get("desk.api")


class Api:
    """The interface as a WSGI application, below `/api`."""

    def __init__(
        self,
        caller: Caller,
        *,
        acting: Callable[[Session], DeskCaller],
        sessions: Sessions[Session],
        machine_alarms: Callable[[], MachineAlarms],
        public_url: str,
        invented_people: InventedPeople | None = None,
        proxies: Proxies | None = None,
        refused: RequestsRefused | None = None,
        rates: Mapping[str, Rate] = RATES,
    ) -> None:
        """`caller` reaches the services for what brings its own proof, `acting` on behalf of a session's holder.

        `sessions` knows the sessions of command lines, `machine_alarms` what is wrong on this machine. No other
        host than that of `public_url` is answered.
        `invented_people` are those of a demo, who log in without a browser. `refused` counts what is turned away.
        """
        self._caller = caller
        self._acting = acting
        self._machine_alarms = machine_alarms
        parts = urlsplit(public_url)
        self._hosts = [parts.hostname or ""]
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._invented_people = invented_people
        self._proxies = proxies or Proxies()
        self._refused = refused or RequestsRefused()
        self._limiter = Limiter(dict(rates))
        self._door = SessionDoor(sessions, self._limiter)
        self._map = Map(
            [
                Rule("/v1/calls", methods=["POST"], endpoint=self._call_batch),
                Rule("/v1/calls/<service>/<method>", methods=["POST"], endpoint=self._call),
                Rule(PATH, methods=["POST"], endpoint=self._alarms),
                Rule("/v1/invented-people/<code>/sessions", methods=["POST"], endpoint=self._let_in),
            ]
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request; whatever is raised becomes a problem document."""
        request = Request(environ)
        request.trusted_hosts = self._hosts
        request_context = Context(correlation_id=new_id(), traceparent=None, actor="public")
        with context.working_in(request_context):
            try:
                answer = _as_json(200, self._answer(request), "application/json")
            except Exception as error:  # noqa: BLE001  # the outermost layer: every error becomes an answer
                self._refused.note(error)
                answer = _failed(_translated(error))
        for name, value in security_headers.FOR_PROGRAMS.items():
            answer.headers.setdefault(name, value)
        answer.headers["X-Correlation-Id"] = str(request_context.correlation_id)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> dict[str, Any]:
        if not request.host:
            raise Malformed("The request names no host.")
        self._check_origin(request)
        work, names = self._map.bind(request.host, path_info=request.path).match(method=request.method)
        answer: dict[str, Any] = work(request, **names)
        return answer

    def _check_origin(self, request: Request) -> None:
        """Raise `Forbidden` where a page of another site made a browser ask. Programs say nothing of an origin."""
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin not in (None, self._origin) or site not in (None, "same-origin", "none"):
            raise Forbidden("Another site asks.", details={"reason": "foreign_origin"})

    def _let_in(self, request: Request, code: str) -> dict[str, Any]:
        """A session of a command line for one of the people of a demo."""
        if self._invented_people is None:
            raise NotFound("There is nothing at this address.")
        if read_json(request, BODY_LIMIT_BYTES):
            raise Invalid("Nothing is asked for beside it.")
        self._limiter.take(PROOF, self._proxies.client(request.environ), time.monotonic())
        return self._invented_people.let_in(code).to_json()

    def _alarms(self, request: Request) -> dict[str, Any]:
        """What pages show beside the alarms of services, for a command line that is elsewhere."""
        self._known(request)
        if read_json(request, BODY_LIMIT_BYTES):
            raise Invalid("Nothing is asked for beside it.")
        return self._machine_alarms().to_json()

    def _call(self, request: Request, service: str, method: str) -> dict[str, Any]:
        known = known_call(service, method)
        # Who asks is known before anything of the body is looked at.
        session = self._session(request, act_name(service, method))
        fields, is_rehearsal = _fields(request, known, session), _is_rehearsal(request, known)
        reply = self._carried_out(request, known, service, fields, session)
        if is_rehearsal:
            return {}
        shown: Record = read_reply(known, reply, of=service)
        return shown.to_json()

    def _call_batch(self, request: Request) -> dict[str, Any]:
        """Calls that change nothing twice and take no approval: a page. What comes of one ends no other."""
        session = self._known(request)
        asked = Batch.from_json(read_json(request, BODY_LIMIT_BYTES)).calls
        known = [known_call(each.service, each.method) for each in asked]
        for name in (act_name(each.service, each.method) for each in asked):
            _check_place(name)
            if name in FOR_EVERYBODY:
                raise Forbidden("This is asked by itself.", details={"reason": "not_together"})
        made = [
            PlainCall(
                service=each.service,
                method=each.method,
                fields=_checked(dict(each.fields), kind, session),
                timeout_seconds=each.seconds,
            )
            for each, kind in zip(asked, known, strict=True)
        ]
        with context.acting_as(str(session.actor)):
            outcomes = self._acting(session).call_many(made, purpose=_purpose(request))
        return BatchOutcome(outcomes=tuple(map(_what_came, known, asked, outcomes))).to_json()

    def _carried_out(
        self, request: Request, known: CallClass, service: str, fields: dict[str, Any], session: Session | None
    ) -> Any:
        seconds = _seconds(request, known)
        if session is None:
            # Who is not known has no say in how long anybody waits.
            return self._caller.call(service, known.method, timeout_seconds=_usual_seconds(known), **fields)
        key = _own_key(request, known, service, session)
        made = PlainCall(
            service=service,
            method=known.method,
            fields=fields if key is None else {**fields, IDEMPOTENCY_KEY: key},
            timeout_seconds=seconds,
            approval_id=_approval(request),
            rehearsal=_is_rehearsal(request, known),
        )
        with context.acting_as(str(session.actor)):
            (outcome,) = self._acting(session).call_many([made], purpose=_purpose(request))
        return outcome.result()

    def _session(self, request: Request, name: str) -> Session | None:
        """Whose session it is; None for what is asked before there is one, whether one is shown or not."""
        if name in FOR_EVERYBODY:
            kind = BEGUN if name == BEGINS else PROOF
            self._limiter.take(kind, self._proxies.client(request.environ), time.monotonic())
            return None
        session = self._known(request)
        _check_place(name)
        return session

    def _known(self, request: Request) -> Session:
        """Whose session was shown. Raises `Unauthenticated`, `TooMany`, `Forbidden` for who lacks a second key."""
        session = self._door.known(bearer_token(request), self._proxies.client(request.environ))
        if session is None:
            raise InvalidToken
        if not session.is_complete:
            raise Forbidden("Two passkeys are needed first.", details={"reason": "second_passkey_missing"})
        return session


def _check_place(name: str) -> None:
    """Raise `Forbidden` for what belongs into the browser that holds a person's passkeys."""
    if name in IN_A_BROWSER:
        raise Forbidden("This is done in a browser.", details={"reason": "browser_needed"})


def _fields(request: Request, known: CallClass, session: Session | None) -> dict[str, Any]:
    """What the body says, checked. A call about a session gets the one that was shown, and no other."""
    return _checked(read_json(request, BODY_LIMIT_BYTES), known, session)


def _checked(fields: dict[str, Any], known: CallClass, session: Session | None) -> dict[str, Any]:
    if session is not None and issubclass(known, InSession):
        brought = fields.setdefault(BROUGHT, session.token)
        if brought != session.token:
            raise Invalid(details={"fields": {BROUGHT: ["It is not the session that was shown."]}})
    return known.from_json(fields).to_json()


def _what_came(known: CallClass, asked: BatchedCall, outcome: Outcome) -> CallOutcome:
    try:
        reply: Record = read_reply(known, outcome.result(), of=asked.service)
        return CallOutcome(reply=reply.to_json())
    except Exception as error:  # noqa: BLE001  # what comes of one call ends no other
        return CallOutcome(problem=_noted(error).body)


def _own_key(request: Request, known: CallClass, service: str, session: Session) -> str | None:
    """The `Idempotency-Key` as it counts for this person and call. What was written into it goes no further."""
    key = idempotency_key(request)
    if key is None:
        return None
    if not known.is_command:
        raise Invalid(f"This call takes no {headers.KEY}: to repeat it changes nothing more.")
    scoped_key = f"{session.code}\n{service}.{known.method}\n{key}"
    return hashlib.sha256(scoped_key.encode()).hexdigest()


def _seconds(request: Request, known: CallClass) -> float:
    """How long the services may take. Raises `Invalid`."""
    header = request.headers.get(headers.TIME_LIMIT)
    if header is None:
        return _usual_seconds(known)
    try:
        seconds = float(header)
    except ValueError:
        seconds = 0.0
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        limits = f"from {SHORTEST_SECONDS} to {LONGEST_SECONDS}"
        raise Invalid(f"The {headers.TIME_LIMIT} must be a number of seconds {limits}.")
    return seconds


def _usual_seconds(known: CallClass) -> float:
    return max(CALL_SECONDS, known.seconds)


def _approval(request: Request) -> UUID | None:
    header = request.headers.get(headers.APPROVAL)
    try:
        return None if header is None else UUID(header)
    except ValueError:
        raise Invalid(f"The {headers.APPROVAL} must be an id.") from None


def _is_rehearsal(request: Request, known: CallClass) -> bool:
    """Whether the call is only tried. Raises `Invalid` for one that would be carried out all the same."""
    header = request.headers.get(headers.REHEARSAL)
    if header not in (None, headers.TRUE):
        raise Invalid(f"The {headers.REHEARSAL} must be {headers.TRUE}.")
    if header is not None and not (isinstance(known.staff, Act) and known.staff.two_persons):
        raise Invalid("Only an act that takes two is tried.")
    return header is not None


def _purpose(request: Request) -> Purpose | None:
    header = request.headers.get(headers.PURPOSE)
    try:
        return None if header is None else Purpose(header)
    except ValueError:
        raise Invalid(f"The {headers.PURPOSE} must be one of {', '.join(Purpose)}.") from None


def _translated(error: Exception) -> Exception:
    if isinstance(error, (NoSuchAddress, RequestRedirect)):
        return NotFound("There is nothing at this address.")
    if isinstance(error, WrongMethod):
        return MethodNotAllowed("POST is what is taken here.")
    if isinstance(error, HTTPException):
        return Malformed("The request could not be read.")
    return error


def _failed(error: Exception) -> Response:
    document = _noted(error)
    answer = _as_json(document.status, document.body, problems.CONTENT_TYPE)
    answer.headers.update(document.headers)
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = "POST"
    return answer


def _noted(error: Exception) -> problems.Document:
    """What is told of it, and what is not told put down in the log."""
    document = problems.document_of(error)
    if isinstance(error, Transient):
        logger.warning("a call was not answered", exc_info=error)
    elif not isinstance(error, Refused):
        number = error.error_id if isinstance(error, Internal) else document.body["error_id"]
        logger.error("a request failed", exc_info=error, error_id=number)
    return document


def _as_json(status: int, body: dict[str, Any], content_type: str) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, content_type=content_type)
