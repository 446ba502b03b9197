"""Every call to a vendor ends by its deadline, however the vendor drips, on native and on green threads."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.account.register.business_register import BusinessRegister
from services.billing_sync.tripletex.client import Tripletex
from services.notification.mailgun.client import Mailgun, Outgoing, Unknown
from shared.errors import Transient
from shared.vendor_http import AnswerTooLarge, ConnectionLost, NotConnected, TimedOut, VendorClient
from shared.vendor_state import VendorStates

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECONDS = 1.0
SPARE = 1.5
HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def drip(piece):
    """Say something every fifth of a second, for ever."""

    def answer(line):
        line.recv(65536)
        while True:
            line.sendall(piece)
            time.sleep(0.2)

    return answer


def drip_body(line):
    line.recv(65536)
    line.sendall(HEADER + b"Content-Length: 100000\r\n\r\n")
    while True:
        line.sendall(b"x")
        time.sleep(0.2)


def drip_until_closed(line):
    """A body that ends with its connection looks whole when that is cut."""
    line.recv(65536)
    line.sendall(HEADER + b"\r\n{}")
    while True:
        line.sendall(b" ")
        time.sleep(0.2)


def drip_chunks(line):
    line.recv(65536)
    line.sendall(HEADER + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sendall(b"1\r\nx\r\n")
        time.sleep(0.2)


def silent(line):
    line.recv(65536)
    time.sleep(60)


def drip_before_asked(line):
    """What a handshake over TLS would meet: the first byte of a record, and then hardly more."""
    line.sendall(b"\x16\x03\x03\x3f\xff")
    while True:
        line.sendall(b"\x02")
        time.sleep(0.2)


DRIPS = {
    "headers": drip(b"HTTP/1.1 200 OK\r\nX-A: "),
    "one header": drip(b"H"),
    "more headers": drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": drip_body,
    "body without an end": drip_until_closed,
    "chunks": drip_chunks,
    "silence": silent,
}


@contextmanager
def vendor(answer):
    """A vendor that answers every connection so; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(line):
            with line, suppress(OSError):
                answer(line)

        def accept():
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            # Who still waits in accept() when the socket is closed takes what comes to the next one: its number
            # is given out again.
            server.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def client(address, *, scheme="http", states=None, **settings):
    return VendorClient(
        "mailgun", f"{scheme}://{address}", total_seconds=SECONDS, states=states or VendorStates(), **settings
    )


@pytest.mark.parametrize("way", DRIPS)
def test_a_vendor_that_drips_is_cut_off(way) -> None:
    with vendor(DRIPS[way]) as address:
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            client(address).call("GET", "/")
        assert SECONDS * 0.9 <= time.monotonic() - begun < SECONDS + SPARE


def test_a_handshake_that_drips_is_cut_off_and_nothing_was_handed_over() -> None:
    with vendor(drip_before_asked) as address:
        begun = time.monotonic()
        with pytest.raises(NotConnected):
            client(address, scheme="https").call("POST", "/", data=b"secret")
        assert time.monotonic() - begun < SECONDS + SPARE


def test_who_does_not_listen_got_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(NotConnected):
        client(address).call("POST", "/", data=b"letter")


def test_a_connection_that_breaks_after_the_call_began_says_so() -> None:
    with vendor(lambda line: line.recv(65536)) as address, pytest.raises(ConnectionLost):
        client(address).call("POST", "/", data=b"letter")


def test_an_answer_beyond_its_limit_is_not_read() -> None:
    def pour(line):
        line.recv(65536)
        line.sendall(HEADER + b"\r\n" + b"x" * 5_000)

    with vendor(pour) as address, pytest.raises(AnswerTooLarge):
        client(address, answer_limit_bytes=4_000).call("GET", "/")


def test_no_redirect_is_followed_and_no_proxy_has_a_say(monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    def elsewhere(line):
        line.recv(65536)
        line.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")

    with vendor(elsewhere) as address:
        assert client(address).call("GET", "/").status == 302


def test_a_kept_connection_is_cut_off_too() -> None:
    calls = []

    def once_well(line):
        while line.recv(65536):
            calls.append(line)
            if len(calls) == 1:
                line.sendall(HEADER + b"Content-Length: 2\r\n\r\n{}")
            else:
                drip(b"H")(line)

    with vendor(once_well) as address:
        one = client(address)
        assert one.call("GET", "/").body == b"{}"
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            one.call("GET", "/")
        assert time.monotonic() - begun < SECONDS + SPARE
    assert len(set(map(id, calls))) == 1, "the connection was not kept"


def test_the_vendor_is_known_to_fail_until_it_answers() -> None:
    states, answers = VendorStates(), [b"HTTP/1.1 401 No\r\n", b"HTTP/1.1 503 No\r\n", b"HTTP/1.1 404 No\r\n"]

    def in_turn(line):
        line.recv(65536)
        line.sendall(answers.pop(0) + b"Content-Length: 0\r\nConnection: close\r\n\r\n")

    with vendor(in_turn) as address:
        one = client(address, states=states)
        seen = []
        for _ in range(3):
            one.call("GET", "/")
            seen.append(states.all()[0])
    assert [each.failure for each in seen] == ["not_let_in", "server_error", None]
    assert seen[0].since == seen[1].since < seen[2].since


def ask_mailgun(url):
    letter = Outgoing(
        letter_id=uuid4(), letter="password_reset", letter_class="service", purpose="password_change",
        to="kari@x.example", subject="s", text="t", html="h",
    )  # fmt: skip
    client = Mailgun(url=url, domain="mg.example", api_key="k", sender="a@mg.example", total_seconds=SECONDS)
    outcome = client.send(letter, now=NOW)
    assert outcome in (Unknown("timed_out"), Unknown("connection_lost")), outcome


def ask_tripletex(url):
    client = Tripletex(url, consumer_token="c", employee_token="e", now=lambda: NOW, total_seconds=SECONDS)
    with pytest.raises(Transient):
        client.who_am_i()


def ask_the_register(url):
    with pytest.raises(Transient):
        BusinessRegister(url, total_seconds=SECONDS).look_up("974760673")


@pytest.mark.parametrize("way", ["headers", "body", "chunks", "silence"])
@pytest.mark.parametrize("ask", [ask_mailgun, ask_tripletex, ask_the_register])
def test_no_adapter_waits_for_longer_than_its_deadline(ask, way) -> None:
    with vendor(DRIPS[way]) as address:
        begun = time.monotonic()
        ask(f"http://{address}")
        assert time.monotonic() - begun < SECONDS + SPARE


GREEN = """
from shared.bus import monkey_patch
monkey_patch.apply()
import json, sys, threading, time
from shared.vendor_http import VendorClient
from shared.errors import VilkarError
beats = []
def beat():
    while True:
        beats.append(time.monotonic())
        time.sleep(0.05)
threading.Thread(target=beat, daemon=True).start()
told = {}
for url in sys.argv[1:]:
    begun = time.monotonic()
    try:
        VendorClient("mailgun", url, total_seconds=1.0).call("GET", "/")
    except VilkarError as error:
        told[url] = (type(error).__name__, time.monotonic() - begun)
print(json.dumps({"told": told, "gap": max(b - a for a, b in zip(beats, beats[1:]))}))
"""


def test_green_threads_are_cut_off_too_and_hold_nobody_up() -> None:
    with vendor(drip_body) as body, vendor(drip(b"H")) as header, vendor(drip_before_asked) as tls:
        urls = [f"http://{body}", f"http://{header}", f"https://{tls}"]
        ran = subprocess.run(  # noqa: PLW1510  # judged below
            [sys.executable, "-W", "ignore", "-c", GREEN, *urls], cwd=REPOSITORY, capture_output=True, timeout=60
        )
    assert ran.returncode == 0, ran.stderr.decode()
    found = json.loads(ran.stdout.splitlines()[-1])
    kinds = [found["told"][url][0] for url in urls]
    assert kinds == ["TimedOut", "TimedOut", "NotConnected"]
    assert all(seconds < SECONDS + SPARE for _, seconds in found["told"].values())
    assert found["gap"] < 0.8, "somebody waited for a vendor"


def test_the_descriptors_of_calls_are_given_back() -> None:
    with vendor(drip_body) as address:
        one = client(address)
        open_before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(2):
            with pytest.raises(TimedOut):
                one.call("GET", "/")
        one.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before + 1
