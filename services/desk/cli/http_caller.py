"""Calls by way of the desk's interface, in a session: what a command line has instead of a broker."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from services.desk.api import headers
from services.desk.api.batch import LONGEST_SECONDS, BatchOutcome, CallOutcome
from services.desk.api.machine_alarms import PATH, MachineAlarms
from services.desk.api.problems import error_of
from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.cli.session_file import NotLoggedIn, StoredSession
from services.desk.wording.refusals import wants_log_in
from services.staff.statements.calls import MOST
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.errors import (
    DeadlineExceeded,
    Forbidden,
    Internal,
    Invalid,
    Refused,
    Transient,
    Unauthenticated,
    VilkarError,
)
from shared.staff import Purpose

T = TypeVar("T")

CONNECT_SECONDS: Final = 5.0
MORE_SECONDS: Final = 15.0
"""Beside the time limit of the call: to know whose session it is, and to sign."""
ANSWER_LIMIT_BYTES: Final = 16 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
POOL: Final = 8
ADDRESS: Final = "The address of the desk must be like https://desk.example."
CALLS: Final = "/api/v1/calls"
MACHINE_ALARMS: Final = f"/api{PATH}"
CONNECT: Final = "VILKAR_DESK_CONNECT"
LOOPBACK: Final = "127.0.0.1"
PORTS: Final = {"http": 80, "https": 443}


class DeskAway(Transient):
    """The desk itself could not be reached: of no service is anything known."""


@dataclass(frozen=True, kw_only=True)
class DeskAddress:
    """Where the desk is: its address as staff know it, and the machine that is connected to."""

    url: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str]) -> DeskAddress:
        """Raises `Refused` for what is no address.

        Names below `localhost` are this machine, whether it resolves them or not. `VILKAR_DESK_CONNECT` names
        another place (`host:port`), as in containers, where the desk's name leads elsewhere.
        """
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            raise Refused(ADDRESS) from None
        plain = parts.path in ("", "/") and not parts.query and not parts.fragment and not parts.username
        if host is None or ":" in host or parts.scheme not in PORTS or not plain:
            raise Refused(ADDRESS)
        origin = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
        if place := environment.get(CONNECT):
            name, _, number = place.rpartition(":")
            if not name or not number.isdecimal():
                raise Refused(f"{CONNECT} must be host:port.")
            return cls(url=origin, host=name, port=int(number))
        local = host == "localhost" or host.endswith(".localhost")
        if parts.scheme == "http" and not local:
            raise Refused("The desk is reached by https:// alone: a session would cross the network in the clear.")
        return cls(url=origin, host=LOOPBACK if local else host, port=port or PORTS[parts.scheme])


class DeskHttp:
    """The desk's interface: one request at a time, each with an end."""

    def __init__(self, address: DeskAddress) -> None:
        """Nothing is connected before the first request."""
        self.address = address
        name, place = urlsplit(address.url).hostname, (address.host, address.port)
        self._pool: urllib3.HTTPConnectionPool = (
            urllib3.HTTPSConnectionPool(*place, maxsize=POOL, retries=False, server_hostname=name)
            if address.url.startswith("https:")
            else urllib3.HTTPConnectionPool(*place, maxsize=POOL, retries=False)
        )
        self._headers = {
            "Host": urlsplit(address.url).netloc,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def post(self, path: str, body: Any, *, seconds: float, **more: str | None) -> Any:
        """The answer as JSON values. Raises what its problem document says, `DeskAway`, `DeadlineExceeded`.

        `more` are headers with `_` for `-`; None stands for one that is not sent.
        """
        sent = {name.replace("_", "-"): value for name, value in more.items() if value is not None}
        until = time.monotonic() + seconds
        try:
            answer = self._pool.urlopen(
                "POST",
                path,
                body=json.dumps(body, separators=(",", ":")).encode(),
                headers=self._headers | sent,
                timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            status, raw = answer.status, _read(answer, until)
        except (NewConnectionError, ConnectTimeoutError):
            raise DeskAway(f"the desk at {self.address.url} does not answer") from None
        except ReadTimeoutError:
            raise DeadlineExceeded(f"the desk did not answer within {seconds:g} s") from None
        except (HTTPError, OSError) as error:
            raise DeadlineExceeded(f"the connection to the desk was lost ({type(error).__name__})") from None
        reply = _json(raw)
        if status != 200:  # noqa: PLR2004  # the only status of success
            raise error_of(status, reply)
        if reply is None:
            raise Internal(f"unreadable-answer-{path.rpartition('/')[2]}")
        return reply

    def close(self) -> None:
        """Disconnect."""
        self._pool.close()


def _read(answer: Any, until: float) -> bytes:
    """The whole body. Raises `DeadlineExceeded` where it takes too long or has no end."""
    pieces, size = [], 0
    while piece := answer.read(CHUNK_BYTES):
        size += len(piece)
        if size > ANSWER_LIMIT_BYTES or time.monotonic() > until:
            answer.close()
            raise DeadlineExceeded("the desk's answer did not come to its end")
        pieces.append(piece)
    answer.release_conn()
    return b"".join(pieces)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


class HttpCaller(DeskCaller):
    """Makes calls in the session of a command line."""

    def __init__(
        self,
        http: DeskHttp,
        session: StoredSession,
        *,
        renewed: Callable[[StoredSession], StoredSession | None] = lambda _session: None,
    ) -> None:
        """`renewed` is asked for another session where this one is over; None where there is none."""
        self._http = http
        self._session = session
        self._renewed = renewed
        self._tokens = {session.token}

    @property
    def token(self) -> str:
        """See `DeskCaller.token`."""
        return self._session.token

    def call_many(
        self, calls: Sequence[PlainCall], *, purpose: Purpose | None = None, visit_id: UUID | None = None
    ) -> list[Outcome]:
        """See `DeskCaller.call_many`. Those of a page are asked for together; a command goes by itself.

        Raises `TypeError` for a visit: a command line shows nothing again.
        """
        if visit_id is not None:
            raise TypeError("a command line shows nothing again")
        if len(calls) == 1 or any(_goes_alone(each) for each in calls):
            return [self._outcome(each, purpose) for each in calls]
        outcomes: list[Outcome] = []
        for begin in range(0, len(calls), MOST):
            outcomes += self._together(calls[begin : begin + MOST], purpose)
        return outcomes

    def machine_alarms(self) -> MachineAlarms:
        """What is wrong with backups and ledger where the desk is. Raises as `DeskHttp.post`, and `NotLoggedIn`."""
        said = self._in_session(
            lambda session: self._http.post(MACHINE_ALARMS, {}, seconds=MORE_SECONDS, **_for(session, None))
        )
        return MachineAlarms.from_json(said, tolerant=True)

    def _outcome(self, call: PlainCall, purpose: Purpose | None) -> Outcome:
        try:
            return Outcome(reply=self._in_session(lambda session: self._post(call, session, purpose)))
        except NotLoggedIn:
            raise
        except VilkarError as error:
            return Outcome(error=error)

    def _together(self, calls: Sequence[PlainCall], purpose: Purpose | None) -> list[Outcome]:
        try:
            reply = self._in_session(lambda session: self._post_batch(calls, session, purpose))
            came = BatchOutcome.from_json(reply, tolerant=True).outcomes
        except NotLoggedIn:
            raise
        except Invalid:
            return [Outcome(error=Internal("unreadable-answer-calls"))] * len(calls)
        except VilkarError as error:
            return [Outcome(error=error)] * len(calls)
        if len(came) != len(calls):
            return [Outcome(error=Internal("unreadable-answer-calls"))] * len(calls)
        return [_outcome_of(each) for each in came]

    def _in_session(self, work: Callable[[StoredSession], T]) -> T:
        """Do it, and once more in a session begun anew where this one is over. Raises `NotLoggedIn`.

        What came without a session has done nothing, so that nothing is done twice. Nor has what takes a log-in of
        the last minutes; an invented person logs in by themselves, a real one is told to.
        """
        before = self._session
        try:
            return work(before)
        except (Unauthenticated, Forbidden) as refused:
            if isinstance(refused, Forbidden) and not (before.invented and wants_log_in(refused)):
                raise
            # Another thread may have renewed it meanwhile.
            again = self._session if self._session is not before else self._renewed(before)
        if again is None:
            raise NotLoggedIn("Your session is over")
        self._session = again
        self._tokens.add(again.token)
        return work(again)

    def _post(self, call: PlainCall, session: StoredSession, purpose: Purpose | None) -> Any:
        fields = self._fields(call, session)
        sent = {
            headers.TIME_LIMIT: f"{call.timeout_seconds:g}",
            headers.KEY: fields.pop(IDEMPOTENCY_KEY, None),
            headers.APPROVAL: str(call.approval_id) if call.approval_id else None,
            headers.REHEARSAL: headers.TRUE if call.rehearsal else None,
        }
        path = f"{CALLS}/{quote(call.service, safe='')}/{quote(call.method, safe='')}"
        seconds = call.timeout_seconds + MORE_SECONDS
        return self._http.post(path, fields, seconds=seconds, **sent, **_for(session, purpose))

    def _post_batch(self, calls: Sequence[PlainCall], session: StoredSession, purpose: Purpose | None) -> Any:
        asked = [
            {
                "service": each.service,
                "method": each.method,
                "fields": self._fields(each, session),
                "seconds": min(max(math.ceil(each.timeout_seconds), 1), LONGEST_SECONDS),
            }
            for each in calls
        ]
        seconds = max(each.timeout_seconds for each in calls) + MORE_SECONDS
        return self._http.post(CALLS, {"calls": asked}, seconds=seconds, **_for(session, purpose))

    def _fields(self, call: PlainCall, session: StoredSession) -> dict[str, Any]:
        """The fields, with the secret of this session where one before it stood."""
        of_ours = {name for name, it in call.fields.items() if isinstance(it, str) and it in self._tokens}
        return {name: session.token if name in of_ours else it for name, it in call.fields.items()}


def _goes_alone(call: PlainCall) -> bool:
    return call.approval_id is not None or call.rehearsal or IDEMPOTENCY_KEY in call.fields


def _for(session: StoredSession, purpose: Purpose | None) -> dict[str, str | None]:
    return {
        "Authorization": f"Bearer {session.token}",
        headers.PURPOSE: purpose.value if purpose else None,
    }


def _outcome_of(came: CallOutcome) -> Outcome:
    if came.reply is not None:
        return Outcome(reply=came.reply)
    problem = came.problem or {}
    status = problem.get("status")
    return Outcome(error=error_of(status if isinstance(status, int) else 500, problem))


def desk_url(environment: Mapping[str, str] = os.environ) -> str | None:
    """The address of the desk that this environment names."""
    port = environment.get("VILKAR_DESK_PORT")
    return (
        environment.get("VILKAR_DESK_URL")
        or environment.get("VILKAR_DESK_PUBLIC_URL")
        or (f"http://desk.localhost:{port}" if port else None)
    )
