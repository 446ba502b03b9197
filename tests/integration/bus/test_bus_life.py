"""How a service process starts, what it says of itself, and how it ends."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from kombu import Connection

from shared.bus.rpc_client import BusCaller
from tests.integration.bus.constants import PASSWORD_IN_A_FAULT, SOURCE
from tests.integration.bus.harness import QUEUE, Bench, Process
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

OWN = r"rpc-account|rpc\.reply-account-.*|evt-.*--account|dead-account"
NARROW = {
    "configure": rf"^({OWN})$",
    "write": rf"^({OWN}|nameko-rpc|retry\.account\..*)$",
    "read": rf"^({OWN}|nameko-rpc|dead|returns-account|.*\.events)$",
}
ALL = dict.fromkeys(NARROW, ".*")


@pytest.fixture
def process(bench: Bench) -> Iterator[Process]:
    for other in bench.processes:
        other.kill()
    bench.clear()
    started = bench.start().wait_ready()
    yield started
    started.kill()


def permit(bench: Bench, rights: dict[str, str]) -> None:
    bench.manage("PUT", "/api/permissions/{vhost}/account", rights)


def test_trap_06_an_orderly_stop_under_load_hands_no_event_out_twice(bench: Bench, process: Process) -> None:
    bench.send(*["sleep:3"] * 200)
    until(bench.numbers)
    assert process.terminate() == 0
    done = len(bench.numbers())
    assert done == 200, "what was here is finished before the end"
    successor = bench.start().wait_ready()
    bench.send("ok", first=1000)
    until(lambda: 1000 in bench.numbers())
    assert sorted(bench.numbers()) == [*range(200), 1000]
    repeated = f'vilkar_events_total{{outcome="repeated",queue="{QUEUE}"}} 0.0'
    assert repeated in successor.health("/metrics")[1], "nothing was delivered again"
    assert successor.terminate() == 0


def test_a_process_killed_between_commit_and_acknowledgement_repeats_nothing(
    bench: Bench, process: Process
) -> None:
    """Many events, killed in the middle, started again: each has had its effect once."""
    bench.send(*["sleep:2"] * 300)
    until(lambda: len(bench.numbers()) >= 50, seconds=20)
    process.kill()
    again = bench.start().wait_ready()
    until(lambda: len(bench.numbers()) >= 300, seconds=30)
    assert sorted(bench.numbers()) == list(range(300))
    assert again.terminate() == 0


def test_a_call_under_way_is_answered_before_the_end(bench: Bench, process: Process) -> None:
    caller = BusCaller(bench.broker.uri("gateway"), name="gateway")
    caller.open(wait_seconds=10)
    try:
        caller.call("account", "ping")
        started = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(caller.call, "account", "echo", text="x", seconds=1.0, timeout_seconds=10)
            time.sleep(0.4)
            assert process.terminate() == 0
            assert under_way.result()["text"] == "x"
        assert time.monotonic() - started < 10
    finally:
        caller.close()


def test_an_idle_process_ends_at_once(process: Process) -> None:
    began = time.monotonic()
    assert process.terminate() == 0
    assert time.monotonic() - began < 5


def test_a_second_signal_ends_the_process_without_grace(bench: Bench, process: Process) -> None:
    bench.send("sleep:20000")
    until(lambda: bench.depth() == 0, what="the event is in hand")
    time.sleep(0.2)
    process.popen.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.popen.poll() is None
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(3) == -signal.SIGTERM
    with Connection(bench.broker.uri("account")) as connection:
        until(lambda: bench.depth() == 1, what="the event is back")
        connection.default_channel.queue_purge(QUEUE)


def test_readiness_is_false_while_the_process_comes_to_its_end(bench: Bench, process: Process) -> None:
    bench.send("sleep:2000")
    until(lambda: bench.depth() == 0)
    time.sleep(0.2)
    process.popen.send_signal(signal.SIGTERM)
    status, body = until(lambda: (r := process.health("/readyz"))[0] == 503 and r)
    assert (status, json.loads(body)["reasons"]) == (503, ["draining"])
    assert process.health("/livez")[0] == 200
    assert process.popen.wait(15) == 0
    assert bench.numbers() == [0]


def test_work_on_time_goes_on_after_a_failed_round(bench: Bench, process: Process) -> None:
    def rounds(outcome: str) -> float:
        text = process.health("/metrics")[1]
        found = [line for line in text.splitlines() if f'outcome="{outcome}",work="go_round"' in line]
        return float(found[0].split()[-1]) if found else 0.0

    until(lambda: rounds("done") >= 2 and rounds("failed") >= 2)
    assert PASSWORD_IN_A_FAULT not in process.log.read_text()


def test_trap_16_a_queue_with_other_arguments_is_told_at_start_and_not_retried_for_ever(bench: Bench) -> None:
    with Connection(bench.broker.uri("account")) as connection:
        channel = connection.default_channel
        channel.queue_delete(QUEUE)
        channel.queue_declare(QUEUE, durable=True, auto_delete=False)
        try:
            process = bench.start()
            assert process.popen.wait(20) == 1
            said = process.log.read_text()
            assert "406" in said
            assert QUEUE in said
        finally:
            channel.queue_delete(QUEUE)


def test_trap_17_a_missing_right_is_told_at_start_and_not_retried_for_ever(bench: Bench) -> None:
    permit(bench, {**ALL, "configure": "^rpc.*$"})
    try:
        process = bench.start(VILKAR_START_SECONDS="3")
        assert process.popen.wait(20) == 1
        assert "403" in process.log.read_text()
    finally:
        permit(bench, ALL)


def test_trap_17_a_right_that_is_taken_away_and_given_back_needs_no_restart(bench: Bench, process: Process) -> None:
    permit(bench, {**ALL, "configure": "^rpc.*$"})
    try:
        until(lambda: bench.cut_connections("account.reads"), what="the connection")
        until(lambda: process.health("/readyz")[0] == 503)
        assert process.health("/livez")[0] == 200
    finally:
        permit(bench, ALL)
    until(process.ready, seconds=30)
    bench.send("ok")
    until(lambda: bench.numbers() == [0])


def test_a_provisioned_broker_needs_to_grant_only_what_is_the_services_own(bench: Bench, process: Process) -> None:
    """Exchanges and tiers are there since the start before; with narrow rights everything works as well."""
    assert process.terminate() == 0
    permit(bench, NARROW)
    try:
        narrow = bench.start(VILKAR_START_SECONDS="10").wait_ready()
        bench.send("transient:2")
        until(lambda: bench.numbers() == [0])
        assert narrow.terminate() == 0
    finally:
        permit(bench, ALL)


def test_without_a_database_or_a_broker_the_process_says_so_and_ends(bench: Bench) -> None:
    lame = bench.start(VILKAR_DB_PORT="1", VILKAR_START_SECONDS="2")
    deaf = bench.start(VILKAR_BROKER_PORT="1", VILKAR_START_SECONDS="2")
    assert (lame.popen.wait(20), deaf.popen.wait(20)) == (1, 1)
    assert "account could not start: the database of account does not answer" in lame.log.read_text()
    assert "account could not start: the broker does not answer" in deaf.log.read_text()


def test_no_password_is_ever_told(bench: Bench) -> None:
    passwords = [bench.broker.password("account")]
    for process in bench.processes:
        text = process.log.read_text()
        assert all(password not in text for password in passwords)


def test_what_the_broker_shows_names_the_process(bench: Bench, process: Process) -> None:
    def names() -> set[Any]:
        return {
            connection.get("client_properties", {}).get("connection_name")
            for connection in bench.manage("GET", "/api/vhosts/{vhost}/connections").json()
        }

    until(lambda: {"account.reads", "account.writes", "account.calls"} <= names())
    assert SOURCE not in names()
