"""A client that takes every connection there is keeps nobody else out."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from waitress import wasyncore

from shared.http import connections, server
from tests.waiting import until

pytestmark = pytest.mark.unit

ASKING = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ASKING_FOR_MUCH = ASKING.replace(b"/", b"/much", 1)
MUCH = bytes(300_000)
FLOODER, OTHER = "127.0.0.2", "127.0.0.3"
SECONDS = 20.0

Connect = Callable[[str], socket.socket]


@pytest.fixture
def listening() -> Iterator[Any]:
    """A server that answers everything, and much to who asks for much."""

    def application(environ, start_response):
        answer = MUCH if environ["PATH_INFO"] == "/much" else b"ok"
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    listening = server.listen(application, host="127.0.0.1", port=0, threads=2)
    # As small as on a slow line, so that an answer that is not read stays with the server.
    listening.adj.socket_options = [*listening.adj.socket_options, (socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)]
    serving = threading.Thread(target=listening.run, daemon=True)
    serving.start()
    yield listening
    with suppress(OSError):  # the server was awake, and has closed what wakes it
        listening.trigger.pull_trigger(lambda: wasyncore.close_all(listening._map, ignore_all=True))
    serving.join(SECONDS)
    assert not serving.is_alive()


@pytest.fixture
def connect(listening: Any) -> Iterator[Connect]:
    """Opens connections to it from an address of this machine."""
    with ExitStack() as open_ones:

        def connected(address: str) -> socket.socket:
            target = (listening.effective_host, int(listening.effective_port))
            made = socket.create_connection(target, timeout=SECONDS, source_address=(address, 0))
            return open_ones.enter_context(made)

        yield connected


def answered(connection: socket.socket) -> bool:
    """Whether a request gets its answer; the connection may have been closed before."""
    try:
        connection.sendall(ASKING)
        answer = b""
        while not answer.endswith(b"\r\n\r\nok") and (part := connection.recv(4096)):
            answer += part  # head and body may come apart
        return answer.startswith(b"HTTP/1.1 200")
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


@pytest.mark.parametrize("lapses", [False, True], ids=["at once", "after the time without a word"])
def test_one_client_that_reads_no_answer_keeps_nobody_out(listening: Any, connect: Connect, lapses: bool) -> None:
    for _ in range(connections.MOST - connections.SPARE):
        connect(FLOODER).sendall(ASKING_FOR_MUCH)
    until(lambda: are_stuck(listening, connections.MOST - connections.SPARE), seconds=SECONDS)
    if lapses:
        later = max(each.last_activity for each in listening.active_channels.values()) + 2 * server.CHANNEL_SECONDS
        listening.trigger.pull_trigger(lambda: listening.maintenance(later))
        until(lambda: all(each.will_close for each in listening.active_channels.values()), seconds=SECONDS)
    for _ in range(2 * connections.SPARE):
        assert answered(connect(OTHER))


def test_who_asks_for_much_at_once_and_reads_nothing_holds_no_thread(connect: Connect) -> None:
    for _ in range(4):  # there are two threads
        connect(FLOODER).sendall(ASKING_FOR_MUCH * 80)
    assert answered(connect(OTHER))
    hurried = connect(OTHER)
    hurried.sendall(ASKING * 80)
    answers = b""
    while part := hurried.recv(4096):
        answers += part
    assert answers.count(b"HTTP/1.1 200") == connections.AT_ONCE
    assert b"Connection: close" in answers, "and who asked for more is told so"


def are_stuck(listening: Any, count: int) -> bool:
    """Whether so many connections have an answer that goes no further."""
    before = unread(listening)
    time.sleep(0.1)
    return len(before) == count and before == unread(listening)


def unread(listening: Any) -> list[int]:
    """How much is left of answers that nobody reads."""
    return [each.total_outbufs_len for each in listening.active_channels.values() if each.total_outbufs_len]


def held_by(sender: str, *, requests: int = 0, unread: int = 0, at: float = 0.0) -> SimpleNamespace:
    """A connection as waitress has it: requests under way, bytes of an answer that nobody has read."""
    return SimpleNamespace(
        sender=sender, requests=[object()] * requests, total_outbufs_len=unread, request=None, last_activity=at
    )


def test_who_reads_no_answers_gives_way_and_nobody_else() -> None:
    flood = [held_by(FLOODER, unread=100_000, at=each) for each in range(5)]
    others = [held_by(OTHER, at=-9.0), held_by(OTHER, at=9.0)]
    assert connections.giving_way([*others, *flood]) is flood[0], "the one that has not read for longest"
    assert connections.giving_way([*others, *flood, idle := held_by(FLOODER, at=9.0)]) is idle
    worked_for = [held_by(FLOODER, requests=1) for _ in range(5)]
    assert connections.giving_way([*others, *worked_for]) is None
    assert connections.giving_way([]) is None


def test_whoever_is_alone_there_goes_on_being_answered(connect: Connect) -> None:
    for _ in range(connections.MOST + 50):
        assert answered(connect(OTHER))
