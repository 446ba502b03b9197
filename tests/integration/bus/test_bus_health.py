"""What a process says of itself over HTTP."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from shared.bus import health as room
from shared.bus.health import Health, ServiceHealthServer
from shared.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration


class State:
    """What the checks will find."""

    def __init__(self) -> None:
        self.lives: list[str] = []
        self.serves: list[str] | Exception = []

    def ask(self) -> list[str]:
        if isinstance(self.serves, Exception):
            raise self.serves
        return self.serves


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def health(state: State) -> Health:
    made = Health(lives=lambda: state.lives, serves=state.ask)
    made.starting = False
    return made


@pytest.fixture
def server(health: Health) -> Iterator[ServiceHealthServer]:
    made = ServiceHealthServer(health, host="127.0.0.1", port=0)
    made.start()
    yield made
    made.close()


def get(server: ServiceHealthServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_process_that_serves_says_so(server: ServiceHealthServer, health: Health) -> None:
    health.look()
    assert get(server, "/livez")[0] == get(server, "/readyz")[0] == 200


def test_a_process_that_does_not_serve_says_why_and_lives_on(
    server: ServiceHealthServer, health: Health, state: State
) -> None:
    state.serves = Unavailable("the database of account does not answer")
    health.look()
    status, body = get(server, "/readyz")
    assert (status, json.loads(body)) == (
        503,
        {"status": "unavailable", "reasons": ["unavailable"], "warnings": []},
    )
    assert get(server, "/livez")[0] == 200


def test_a_check_that_fails_itself_is_not_taken_for_good_news(health: Health, state: State) -> None:
    state.serves = ValueError("Ola Nordmann")
    health.look()
    assert health.why_not_ready() == ["check_failed"]


def test_starting_and_draining_are_not_ready(health: Health) -> None:
    health.starting = True
    assert health.why_not_ready() == ["starting"]
    health.starting, health.draining = False, True
    assert health.why_not_ready() == ["draining"]


def test_a_heart_that_does_not_beat_is_noticed(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.why_not_alive() == []
    later = time.monotonic() + room.PULSE_LIMIT_SECONDS + 1
    monkeypatch.setattr(room.time, "monotonic", lambda: later)
    assert health.why_not_alive() == ["event_loop_stuck"]


def test_metrics_are_served_and_nothing_else_is(server: ServiceHealthServer) -> None:
    status, text = get(server, "/metrics")
    assert status == 200
    assert "vilkar_events_total" in text
    assert get(server, "/secrets")[0] == 404


def test_a_probe_that_hangs_up_in_the_middle_leaves_no_traceback(
    server: ServiceHealthServer, health: Health, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "why_not_ready", lambda: ["x" * 5_000_000])
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as probe:
            probe.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            probe.recv(1)
            # Closed with what was not read: the other side is told that nobody listens any more.
    assert get(server, "/livez")[0] == 200
    time.sleep(0.3)
    assert "Traceback" not in capfd.readouterr().err
