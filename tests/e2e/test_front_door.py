"""The door under slow and many clients, a silent service and a restart: nobody else waits, nothing piles up."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.e2e.people import a_network_address
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

HEALTH_SECONDS = 1.0
CUSTOMER_SECONDS = 2.0
CALL_SECONDS = 10.0
# Long enough to be a token: what cannot be one is refused without asking anybody.
GET_ACCOUNT = (
    b"GET /v1/account HTTP/1.1\r\nHost: vilkar\r\nAuthorization: Bearer nobody-has-this-session\r\n"
    b"Connection: close\r\n\r\n"
)
REQUESTS = 'haproxy_backend_http_requests_total{{proxy="{}"}}'
SOMEBODY = {"Authorization": "Bearer nobody-has-this-session"}
GET = b"GET /terms HTTP/1.1\r\nHost: vilkar\r\n"


def timed(url, **options):
    began = time.monotonic()
    answer = requests.get(url, timeout=60, **options)
    return answer, time.monotonic() - began


def is_served(system):
    """Somebody else gets an answer in time: the probe, a reader of a page, a customer of the interface."""
    for path, status, limit in (
        ("/livez", 200, HEALTH_SECONDS),
        ("/terms", 200, CUSTOMER_SECONDS),
        ("/v1/account", 401, CUSTOMER_SECONDS),
    ):
        answer, seconds = timed(system.gateway + path, headers=SOMEBODY if path.startswith("/v1") else {})
        assert (answer.status_code, seconds < limit) == (status, True), f"{path} after {seconds:.2f} s"


@contextmanager
def connections(system, number, *, many_addresses, begin_with=b""):
    """That many open connections, from this address or from two hundred, each having sent something."""
    port = system.native.ports["public"]
    with ExitStack() as stack:
        opened = []
        for n in range(number):
            own = f"127.0.{n // 200 + 2}.{n % 200 + 1}" if many_addresses else "127.0.0.1"
            opened.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), 5, (own, 0))))
            opened[-1].sendall(begin_with)
        yield opened


def drip(opened):
    """One more byte on each; how many of them are still open."""
    left = 0
    for each in opened:
        with contextlib.suppress(OSError):
            each.sendall(b"a")
            left += 1
    return left


@pytest.mark.parametrize("many_addresses", [False, True], ids=["one address", "two hundred addresses"])
def test_200_idle_and_200_dripping_connections_cost_nobody_else_an_answer(system, many_addresses):
    with (
        connections(system, 200, many_addresses=many_addresses),
        connections(system, 200, many_addresses=many_addresses, begin_with=GET + b"X-A: ") as dripping,
    ):
        for _ in range(3):
            assert drip(dripping) == 200
            is_served(system)


def test_dripping_headers_and_bodies_end_at_a_deadline_that_no_further_byte_puts_off(system):
    post = b"POST /v1/sessions HTTP/1.1\r\nHost: vilkar\r\nContent-Length: 9000\r\n\r\n"
    with (
        connections(system, 60, many_addresses=False, begin_with=GET + b"X-A: ") as headers,
        connections(system, 60, many_addresses=False, begin_with=post) as bodies,
    ):
        ended = {}
        began = time.monotonic()
        while len(ended) < 2 and time.monotonic() < began + 30:
            time.sleep(0.5)
            for name, opened in (("headers", headers), ("bodies", bodies)):
                drip(opened)
                if name not in ended and answered(opened[0]):
                    ended[name] = time.monotonic() - began
            is_served(system)
    assert ended["headers"] < 14
    assert ended["bodies"] < 19


def answered(connection):
    connection.setblocking(False)
    try:
        got = connection.recv(4096)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    finally:
        connection.setblocking(True)
    assert got == b"" or got.startswith(b"HTTP/1.1 408 "), got
    return True


def test_readers_who_do_not_read_keep_nobody_waiting(system):
    with connections(system, 60, many_addresses=False, begin_with=GET + b"Accept: text/html\r\n\r\n"):
        is_served(system)


def test_many_requests_on_one_connection_are_all_answered(system):
    with requests.Session() as session:
        told = [session.get(f"{system.gateway}/livez", timeout=10).status_code for _ in range(100)]
    assert told == [200] * 100
    with connections(system, 1, many_addresses=False) as (one,):
        one.sendall((GET + b"\r\n") * 20)
        got = b""
        while got.count(b"HTTP/1.1 200 ") < 20:
            more = one.recv(65536)
            assert more, f"closed after {got.count(b'HTTP/1.1 200 ')} answers"
            got += more


@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        ({"X-Large": "a" * 20_000}, {431}),
        ({"X-Large": "a" * 250_000}, {431}),
        ({f"X-{n}": "a" for n in range(500)}, {400, 431}),
        ({"Cookie": "; ".join(f"c{n}=a" for n in range(4_000))}, {431}),
    ],
    ids=["one large", "one very large", "five hundred", "cookies"],
)
def test_a_header_bomb_is_refused_in_words(system, headers, statuses):
    answer = requests.get(f"{system.gateway}/terms", headers=headers, timeout=10)
    assert answer.status_code in statuses
    if answer.status_code == 431:  # what cannot be read at all is answered before anybody knows what was asked
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("pieces", [False, True], ids=["said beforehand", "in pieces"])
def test_a_body_beyond_the_limit_is_refused_however_it_comes(system, pieces):
    body = (b"x" * 30_000 for _ in range(20)) if pieces else b"x" * 600_000
    answer = requests.post(f"{system.gateway}/v1/sessions", data=body, timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too_large")
    is_served(system)


def test_calls_to_a_silent_service_end_in_time_and_keep_nobody_else_waiting(system):
    def ask(_):
        return timed(f"{system.gateway}/v1/account", headers={**SOMEBODY, "X-Forwarded-For": a_network_address()})

    with ThreadPoolExecutor(40) as pool:
        with system.standing_still("account"):
            asked = [pool.submit(ask, n) for n in range(40)]
            time.sleep(1)
            for path in ("/livez", "/terms"):
                answer, seconds = timed(system.gateway + path)
                assert (answer.status_code, seconds < HEALTH_SECONDS) == (200, True), f"{path}: {seconds:.2f} s"
            ended = [each.result() for each in asked]
            later = [ask(0) for _ in range(3)]
        assert {answer.status_code for answer, _ in ended + later} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer, _ in ended + later)
        assert max(seconds for _, seconds in ended) < CALL_SECONDS + 3
        assert max(seconds for _, seconds in later) < HEALTH_SECONDS, "known to be silent: refused at once"
        until(lambda: ask(0)[0].status_code == 401, what="account to be asked again", seconds=30)
        assert {answer.status_code for answer, _ in pool.map(ask, range(40))} == {401}


def handed_on(system, backend):
    """How many requests the proxy has handed to a backend."""
    told = requests.get(f"http://127.0.0.1:{system.native.ports['proxy']}/metrics", timeout=10).text
    (line,) = (line for line in told.splitlines() if line.startswith(REQUESTS.format(backend)))
    return int(float(line.rpartition(" ")[2]))


@pytest.mark.parametrize(
    "path", ["/v1/account", "//v1/account", "/%761/account", "/v1%2Faccount", "/%2Fv1/account"]
)
def test_however_a_path_is_written_it_takes_no_place_of_pages_and_documents(system, path):
    before = handed_on(system, "api")
    with connections(system, 1, many_addresses=False) as (one,):
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: vilkar\r\nConnection: close\r\n\r\n".encode())
        assert one.recv(12) == b"HTTP/1.1 401"
    until(lambda: handed_on(system, "api") > before, what="the request to be counted")


def test_one_who_asks_much_waits_behind_himself(system):
    """The interface has fewer places than he has connections; whoever has one goes first."""
    stop, his = threading.Event(), []

    def ask(address):
        began = time.monotonic()
        port = system.native.ports["public"]
        with socket.create_connection(("127.0.0.1", port), 5, (address, 0)) as one:
            one.settimeout(60)
            one.sendall(GET_ACCOUNT)
            assert one.recv(12) == b"HTTP/1.1 401"
        return time.monotonic() - began

    def flood():
        while not stop.is_set():
            his.append(ask("127.0.5.1"))

    with ThreadPoolExecutor(120) as pool:
        asking = [pool.submit(flood) for _ in range(120)]
        time.sleep(2)
        others = [ask("127.0.6.1") for _ in range(5)]
        stop.set()
        for each in asking:
            each.result()
    assert statistics.median(others) < statistics.median(his) / 2, (others, statistics.median(his))


def test_a_restart_of_the_gateway_makes_requests_wait_and_refuses_none(system):
    stop = threading.Event()
    told = []

    def keep_asking(number):
        with requests.Session() as session:
            while not stop.is_set():
                if number % 2:
                    answer = session.post(f"{system.gateway}/v1/sessions", json={}, timeout=60)
                else:
                    answer = session.get(f"{system.gateway}/terms", timeout=60)
                told.append(answer.status_code)
                stop.wait(0.2)

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(keep_asking, number) for number in range(4)]
        system.native.restart("gateway")
        time.sleep(1)
        stop.set()
        for each in asking:
            each.result()
    assert set(told) == {200, 422}
    assert len(told) > 20
