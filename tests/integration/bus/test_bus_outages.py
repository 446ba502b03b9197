"""When the database, the broker or the way to it is gone: nothing is lost, nothing waits for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from shared.bus.publisher import Outgoing, Publisher
from shared.bus.rpc_client import BusCaller
from shared.errors import DeadlineExceeded, Transient, Unavailable
from shared.http.server import why_not
from tests.integration.bus.harness import Bench, Process
from tests.integration.running import REPOSITORY, free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@contextmanager
def database_closed(bench: Bench) -> Iterator[None]:
    """Nobody may log in and whoever was there is cut off, as when the server is being restarted."""
    with psycopg.connect(bench.server.dsn(), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{bench.database}" ALLOW_CONNECTIONS false'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [bench.database]
        )
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{bench.database}" ALLOW_CONNECTIONS true'.encode())


def test_while_the_database_is_down_events_wait_and_are_no_failures(probe: Bench, running: Process) -> None:
    with database_closed(probe):
        probe.send(*["ok"] * 20)
        until(lambda: running.health("/readyz")[0] == 503)
        time.sleep(1.0)
        assert running.health("/livez")[0] == 200, "restarting would not bring the database back"
    until(lambda: len(probe.numbers()) == 20, seconds=30)
    assert probe.rows("SELECT DISTINCT attempt FROM probe_effect") == [{"attempt": 1}]
    assert probe.numbers() == list(range(20))
    assert probe.parked() == []
    until(running.ready)


def test_what_cannot_be_parked_now_is_parked_later(probe: Bench) -> None:
    with probe.connect() as connection:
        connection.execute("REVOKE INSERT ON parked FROM account")
        try:
            probe.send("permanent")
            time.sleep(1.0)
            assert probe.parked() == []
        finally:
            connection.execute("GRANT INSERT ON parked TO account")
    until(probe.parked)


def test_cut_connections_come_back_and_nothing_is_done_twice(probe: Bench, running: Process) -> None:
    probe.send(*["sleep:5"] * 100)
    until(probe.numbers)
    assert until(lambda: probe.cut_connections("account.reads", "account.writes"), what="the connections") == 2
    probe.send("ok", first=100)
    until(lambda: len(probe.numbers()) == 101, seconds=20)
    assert sorted(probe.numbers()) == list(range(101))
    until(running.ready)


def test_calls_under_way_end_when_the_connection_is_cut_and_the_next_ones_work(probe: Bench) -> None:
    caller = BusCaller(probe.broker.uri("gateway"), name="gateway")
    caller.open(wait_seconds=10)
    try:
        with ThreadPoolExecutor(3) as pool:
            began = time.monotonic()
            calls = [
                pool.submit(caller.call, "account", "echo", text="x", seconds=8, timeout_seconds=10)
                for _ in range(3)
            ]
            until(lambda: probe.cut_connections("gateway.calls") == 1)
            for call in calls:
                with pytest.raises(DeadlineExceeded, match="connection was lost"):
                    call.result()
            assert time.monotonic() - began < 8
        assert caller.under_way == 0
        assert caller.call("account", "echo", text="again", timeout_seconds=10)["text"] == "again"
    finally:
        caller.close()


@dataclass
class Proxy:
    """The way to the broker, and what becomes of it."""

    port: int
    control: Path

    def be(self, word: str) -> None:
        self.control.write_text(word)
        time.sleep(0.15)

    def uri(self, bench: Bench) -> str:
        return bench.broker.uri("gateway").replace(f":{bench.broker.port}/", f":{self.port}/")


@pytest.fixture
def proxy(bench: Bench, tmp_path: Path) -> Iterator[Proxy]:
    made = Proxy(free_port(), tmp_path / "control")
    made.control.write_text("pass")
    arguments = [str(made.port), str(bench.broker.port), str(made.control)]
    popen = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.bus.fault_proxy", *arguments], cwd=REPOSITORY
    )
    yield made
    popen.kill()
    popen.wait()


def opened(make: Any, *, seconds: float = 10.0) -> Any:
    """Open as soon as the proxy listens."""
    make.open(wait_seconds=seconds)
    return make


def test_trap_12_a_confirmation_is_not_waited_for_for_ever(probe: Bench, proxy: Proxy) -> None:
    publisher = opened(Publisher(proxy.uri(probe), name="test through proxy"))
    proxy.be("mute")
    began = time.monotonic()
    with pytest.raises(Unavailable, match="did not confirm"):
        publisher.publish(Outgoing(body=b"{}", exchange="", routing_key="rpc-account"), wait_seconds=1)
    assert time.monotonic() - began < 2
    proxy.be("pass")
    publisher.close()


def test_trap_12_a_broker_short_of_memory_makes_publishing_fail_and_not_hang(probe: Bench) -> None:
    """The broker says so to whoever publishes, and stops reading what they send."""
    broker = probe.broker.infrastructure.broker
    publisher = opened(Publisher(probe.broker.uri("account"), name="test under alarm"))
    caller = BusCaller(probe.broker.uri("gateway"), name="gateway")
    try:
        _watermark(broker, "0.00001")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            publisher.publish(Outgoing(body=b"{}", exchange="", routing_key="rpc-account"), wait_seconds=1)
        with pytest.raises(Unavailable):
            publisher.publish(Outgoing(body=b"{}", exchange="", routing_key="rpc-account"), wait_seconds=1)
        assert time.monotonic() - began < 3
        assert publisher.connection.blocked
        # The gateway cannot pass anything on, and says so and why.
        caller.open(wait_seconds=10)
        assert why_not(caller) == []
        with pytest.raises(Transient):
            caller.call("account", "ping", timeout_seconds=1)
        until(lambda: caller.connection.blocked)
        assert why_not(caller) == ["broker_takes_nothing"]
    finally:
        _watermark(broker, "0.4")
    until(lambda: not publisher.connection.blocked)
    until(lambda: why_not(caller) == [])
    caller.close()
    publisher.publish(Outgoing(body=b"{}", exchange="", routing_key="rpc-account", persistent=False))
    publisher.close()


def _watermark(broker: Any, fraction: str) -> None:
    done = subprocess.run(
        ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--node", broker.node, "set_vm_memory_high_watermark", fraction],
        env=broker.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_caller_behind_a_dead_line_gives_up_in_time_and_recovers(probe: Bench, proxy: Proxy) -> None:
    caller = opened(BusCaller(proxy.uri(probe), name="gateway"))
    assert caller.call("account", "ping")["service"] == "account"
    proxy.be("mute")
    began = time.monotonic()
    with pytest.raises((Unavailable, DeadlineExceeded)):
        caller.call("account", "ping", timeout_seconds=0.5)
    assert time.monotonic() - began < 1
    assert caller.under_way == 0
    proxy.be("reset")
    with pytest.raises((Unavailable, DeadlineExceeded)):
        caller.call("account", "ping", timeout_seconds=0.5)
    proxy.be("pass")
    assert caller.call("account", "ping", timeout_seconds=10)["service"] == "account"
    caller.close()


def test_threads_share_one_caller(bench: Bench) -> None:
    """Real threads, one connection, and one of them closing it: nobody is left waiting."""
    caller = BusCaller(bench.broker.uri("gateway"), name="gateway")
    caller.open(wait_seconds=10)
    ended: list[Exception | None] = []

    def ask() -> None:
        try:
            caller.call("nobody", "echo", timeout_seconds=5)
        except Unavailable as error:
            ended.append(error)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(6)
    caller.close()
    assert len(ended) == 20
