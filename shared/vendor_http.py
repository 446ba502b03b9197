"""The one way to call a vendor over HTTP: every call ends by its deadline, whatever arrives meanwhile.

Time limits of sockets count from the last byte, so a vendor that sends one byte in five seconds meets none of them.
Here a timer cuts the connection itself, which ends a handshake, a header and a body alike, on green and on native
threads. No proxy, `.netrc` or cookie of the machine has a say in where a call goes, no redirect is followed,
nothing is tried again, and an answer larger than its limit is not read to its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Self

import requests
import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from shared.errors import DeadlineExceeded, Unavailable
from shared.vendor_state import STATES, VendorStates, failure_of_status

CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 15.0
ANSWER_LIMIT_BYTES: Final = 1024 * 1024
CHUNK_BYTES: Final = 16 * 1024
POOL_SIZE: Final = 32


class NotConnected(Unavailable):
    """No connection was made, so the vendor surely got nothing."""


class ConnectionLost(Unavailable):
    """The connection broke; whether the vendor did what was asked is not known."""


class AnswerTooLarge(ConnectionLost):
    """The answer was larger than its limit; whether the vendor did what was asked is not known."""


class TimedOut(DeadlineExceeded):
    """The answer was not there in time; whether the vendor did what was asked is not known."""


_FAILURES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (NotConnected, "not_connected"),
    (AnswerTooLarge, "answer_too_large"),
    (ConnectionLost, "connection_lost"),
    (TimedOut, "timed_out"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered. `headers` are found in any spelling of their names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def json_of(body: bytes) -> Any:
    """A body as JSON, None where it is something else."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


class _Deadline:
    """Cuts the connection of one call when its time is up."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._line: int | None = None
        self.over = False
        self.handed_over = False
        """Whether anything of the call can have reached the vendor."""
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._let_go()

    def left(self, at_most: float) -> float:
        """Seconds that are left, at most this many. Raises `TimeoutError` where none are."""
        seconds = self._ends - time.monotonic()
        if self.over or seconds <= 0:
            raise TimeoutError
        return min(seconds, at_most)

    def takes(self, line: socket.socket) -> None:
        """This connection carries the call from now on."""
        with self._lock:
            self._let_go()
            # A descriptor of our own: the connection's may be closed, and given to another, before the time is up.
            self._line = os.dup(line.fileno())
        if self.over:
            line.close()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            if self._line is None:
                return
            line = socket.socket(fileno=os.dup(self._line))
        with contextlib.suppress(OSError), line:  # the vendor may have hung up already
            line.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._line is not None:
            os.close(self._line)
            self._line = None


_deadline: ContextVar[_Deadline] = ContextVar("vilkar_vendor_deadline")


class _Bounded(HTTPConnection):
    """A connection that tells the deadline of the call at hand which line carries it."""

    def _new_conn(self) -> socket.socket:
        deadline, last = _deadline.get(), "no address"
        with contextlib.suppress(
            TimeoutError
        ):  # of the whole call; told below, as all that keeps us from connecting
            for host in self._addresses():
                seconds = deadline.left(CONNECT_SECONDS)
                try:
                    line = create_connection((host, self.port), seconds, None, self.socket_options)
                except OSError as error:
                    last = type(error).__name__
                else:
                    deadline.takes(line)
                    return line
        raise urllib3.exceptions.NewConnectionError(self, f"not connected: {last}")

    def _addresses(self) -> list[str]:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []
        return [str(each[4][0]) for each in found]

    def request(self, *arguments: Any, **named: Any) -> None:
        if self.sock is not None:
            _deadline.get().takes(self.sock)
        super().request(*arguments, **named)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _deadline.get().handed_over = True
        super().send(data)


class _BoundedTls(_Bounded, HTTPSConnection):
    """The same over TLS; the handshake counts towards the deadline."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Bounded


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _BoundedTls


class _Adapter(requests.adapters.HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class VendorClient:
    """Calls one vendor. Safe to share between threads."""

    def __init__(
        self,
        vendor: str,
        url: str,
        *,
        total_seconds: float = TOTAL_SECONDS,
        answer_limit_bytes: int = ANSWER_LIMIT_BYTES,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        states: VendorStates = STATES,
    ) -> None:
        """`vendor` is the word by which logs and metrics name it; `url` what all paths are added to."""
        self._vendor = vendor
        self._url = url.rstrip("/")
        self._total_seconds = total_seconds
        self._answer_limit_bytes = answer_limit_bytes
        self._states = states
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = auth
        self._session.headers.update({"User-Agent": "vilkar", "Accept-Encoding": "identity", **(headers or {})})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(pool_maxsize=POOL_SIZE, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def call(self, method: str, path: str, **arguments: Any) -> Answer:
        """One call, never repeated here; `arguments` are those of `requests` for query, body and headers.

        Raises `NotConnected` where the vendor surely got nothing, else `ConnectionLost`, `AnswerTooLarge` or
        `TimedOut`. Their texts hold no address and no value.
        """
        try:
            answer = self._call(method, path, arguments)
        except (Unavailable, DeadlineExceeded) as error:
            failure = next(word for kind, word in _FAILURES if isinstance(error, kind))
            self._states.note(self._vendor, failure, at=time.monotonic())
            raise
        self._states.note(self._vendor, failure_of_status(answer.status), at=time.monotonic())
        return answer

    def _call(self, method: str, path: str, arguments: dict[str, Any]) -> Answer:
        with _Deadline(self._total_seconds) as deadline, _carried_by(deadline):
            try:
                answer = self._exchange(method, path, arguments)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, AnswerTooLarge) as error:
                raise self._told(error, deadline) from None
            if deadline.over:  # an answer that ends with its connection looks whole when that is cut
                raise TimedOut(f"{self._vendor} did not finish its answer in time")
            return answer

    def _exchange(self, method: str, path: str, arguments: dict[str, Any]) -> Answer:
        with self._session.request(
            method,
            self._url + path,
            timeout=(CONNECT_SECONDS, self._total_seconds),
            allow_redirects=False,
            stream=True,
            **arguments,
        ) as response:
            return Answer(response.status_code, response.headers, self._read(response))

    def _read(self, response: requests.Response) -> bytes:
        parts, size = [], 0
        while part := response.raw.read1(CHUNK_BYTES, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self._answer_limit_bytes:
                raise AnswerTooLarge(f"{self._vendor} answered more than {self._answer_limit_bytes} bytes")
        return b"".join(parts)

    def _told(self, error: Exception, deadline: _Deadline) -> Unavailable | DeadlineExceeded:
        if isinstance(error, AnswerTooLarge):
            return error
        if not deadline.handed_over:
            return NotConnected(f"{self._vendor} cannot be reached")
        if deadline.over or isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
            return TimedOut(f"{self._vendor} did not answer in time")
        return ConnectionLost(f"the connection to {self._vendor} was lost: {type(error).__name__}")


@contextlib.contextmanager
def _carried_by(deadline: _Deadline) -> Iterator[None]:
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)
