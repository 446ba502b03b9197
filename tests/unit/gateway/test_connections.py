"""A client that takes every connection there is keeps nobody else out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from waitress import wasyncore

from shared.http import connections, server

pytestmark = pytest.mark.unit

ASKING = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
FLOODER, OTHER = "127.0.0.2", "127.0.0.3"
SECONDS = 20.0

Connect = Callable[[str], socket.socket]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connections from an address of this machine to a server that answers everything."""

    def application(_environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    listening = server.listen(application, host="127.0.0.1", port=0, threads=2)
    serving = threading.Thread(target=listening.run, daemon=True)
    serving.start()
    with ExitStack() as open_ones:

        def connected(address: str) -> socket.socket:
            target = (listening.effective_host, int(listening.effective_port))
            made = socket.create_connection(target, timeout=SECONDS, source_address=(address, 0))
            return open_ones.enter_context(made)

        yield connected
    listening.trigger.pull_trigger(lambda: wasyncore.close_all(listening._map, ignore_all=True))
    serving.join(SECONDS)
    assert not serving.is_alive()


def answered(connection: socket.socket) -> bool:
    """Whether a request gets its answer; the connection may have been closed before."""
    try:
        connection.sendall(ASKING)
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


@pytest.mark.parametrize("said", [b"", ASKING[:20]], ids=["silent", "half a request"])
def test_one_client_that_opens_more_than_there_are_closes_its_own(connect: Connect, said: bytes) -> None:
    kept = connect(OTHER)
    assert answered(kept)
    flood = []
    for _ in range(connections.MOST + 50):
        flood.append(connect(FLOODER))
        flood[-1].sendall(said)
    assert answered(connect(OTHER)), "who comes later gets in"
    assert answered(kept), "who was there before stays"
    if not said:
        assert not answered(flood[0]), "the oldest of whoever holds the most has given way"
        assert answered(flood[-1]), "and not the newest"


def test_whoever_is_alone_there_goes_on_being_answered(connect: Connect) -> None:
    for _ in range(connections.MOST + 50):
        assert answered(connect(OTHER))
