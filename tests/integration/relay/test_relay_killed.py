"""Relay processes killed at the worst moments: committed ⊆ published, nothing lost, order kept a subject."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from contextlib import ExitStack
from uuid import uuid4

import pytest
import requests

from tests.integration.relay import relay_env
from tests.integration.relay.relay_env import QUEUE, relay_process, ticks
from tests.integration.running import free_port
from tests.waiting import until

pytestmark = pytest.mark.integration

SEED = 20261122


def delivered(broker):
    """Every delivery in order, as (id, subject, number)."""
    return [
        (
            message.properties["message_id"],
            (envelope := json.loads(message.body))["subject"],
            envelope["data"]["number"],
        )
        for message in relay_env.take_all(broker, QUEUE)
    ]


def check_invariants(committed, deliveries):
    """All that was committed arrived and nothing else; first arrivals are in order a subject."""
    assert {event_id for event_id, _, _ in deliveries} == {str(event_id) for event_id in committed}
    firsts = {}
    for event_id, subject, number in deliveries:
        firsts.setdefault(event_id, (subject, number))
    by_subject = {}
    for subject, number in firsts.values():
        by_subject.setdefault(subject, []).append(number)
    assert all(numbers == sorted(numbers) for numbers in by_subject.values())


def commit_some(table, *, subjects=8, each=6):
    about = [uuid4() for _ in range(subjects)]
    return [
        table.add(*ticks(1, account_id=account_id, first=number))[0]
        for number in range(1, each + 1)
        for account_id in about
    ]


def killed_by_itself(process):
    return process.wait(30) == -signal.SIGKILL


def test_killed_between_commit_and_publish_everything_is_published_once_after_the_restart(table, broker):
    committed = commit_some(table)
    with relay_process(table, broker, failpoints="relay.before_publish:kill") as process:
        assert killed_by_itself(process)
    assert relay_env.take_all(broker, QUEUE) == []
    assert len(table.waiting()) == len(committed)
    with relay_process(table, broker):
        until(lambda: not table.waiting())
    deliveries = delivered(broker)
    check_invariants(committed, deliveries)
    assert len(deliveries) == len(committed)


def test_killed_between_publish_and_mark_everything_is_published_again_under_the_same_ids(table, broker):
    committed = commit_some(table)
    with relay_process(table, broker, failpoints="relay.after_publish:kill") as process:
        assert killed_by_itself(process)
    assert len(table.waiting()) == len(committed)
    with relay_process(table, broker):
        until(lambda: not table.waiting())
    deliveries = delivered(broker)
    check_invariants(committed, deliveries)
    assert len(deliveries) == 2 * len(committed)


def test_killed_after_the_mark_nothing_is_published_again(table, broker):
    committed = commit_some(table)
    with relay_process(table, broker, failpoints="relay.after_mark:kill") as process:
        assert killed_by_itself(process)
    with relay_process(table, broker):
        until(lambda: not table.waiting())
    deliveries = delivered(broker)
    check_invariants(committed, deliveries)
    assert len(deliveries) == len(committed)


def test_three_relays_killed_at_random_while_events_are_committed_lose_and_reorder_nothing(table, broker):
    chance = random.Random(SEED)  # noqa: S311  # repeatable, guards nothing
    committed = []
    about = [uuid4() for _ in range(10)]
    with ExitStack() as running:
        relays = [running.enter_context(relay_process(table, broker)) for _ in range(3)]
        committed += table.add(*ticks(1, account_id=about[0]))
        until(lambda: not table.waiting(), seconds=30)
        for number in range(2, 42):
            for account_id in about:
                committed += table.add(*ticks(1, account_id=account_id, first=number))
            if number % 8 == 0:
                victim = chance.randrange(len(relays))
                relays[victim].kill()
                relays[victim].wait(10)
                relays[victim] = running.enter_context(relay_process(table, broker))
        until(lambda: not table.waiting(), seconds=60)
    check_invariants(committed, delivered(broker))


def test_the_process_tells_its_health_its_figures_and_ends_in_order(table, broker):
    port = free_port()

    def get(path):
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=5)

    def answers():
        try:
            return get("/readyz").ok
        except requests.ConnectionError:
            return False

    with relay_process(table, broker, health_port=port) as process:
        until(answers, seconds=30)
        assert get("/readyz").json() == {"ready": True, "outboxes": {"account": "active"}}
        assert get("/livez").json() == {"alive": True}
        assert get("/elsewhere").status_code == 404
        table.add(*ticks(3))
        until(lambda: 'vilkar_relay_published_total{outbox="account"} 3.0' in get("/metrics").text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_the_process_is_alive_but_not_ready_while_the_broker_does_not_let_it_in(table, broker):
    port = free_port()
    permissions = f"/api/permissions/{broker.vhost}/relay"
    server = broker.infrastructure.broker
    before = server.call("GET", permissions).json()
    server.call("DELETE", permissions)

    def not_ready():
        try:
            return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["outboxes"] == {
                "account": "trouble"
            }
        except requests.ConnectionError:
            return False

    try:
        with relay_process(table, broker, health_port=port):
            until(not_ready, seconds=30)
            assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 503
            assert requests.get(f"http://127.0.0.1:{port}/livez", timeout=5).status_code == 200
    finally:
        server.call("PUT", permissions, {kind: before[kind] for kind in ("configure", "write", "read")})


def test_13_the_relay_imports_none_of_the_libraries_whose_pools_mix_confirming_and_not():
    told = subprocess.run(
        [sys.executable, "-c", "import services.relay.__main__, sys; print(*sorted(sys.modules))"],
        cwd=relay_env.REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()
    assert "amqp" in told
    assert {"nameko", "kombu", "eventlet"}.isdisjoint(told)
