"""After a restore an outbox holds messages of an earlier day: none leaves before its service has caught up."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import uuid4

import pytest
import requests

from shared.bus.relay_restore_gate import OutboxGate
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Fact, Kind
from tests.integration.relay.relay_env import QUEUE, figure, relay_process, relaying, take, take_all, ticks
from tests.integration.running import free_port
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]


@pytest.fixture
def ledger(table, infrastructure, tmp_path):
    """A ledger, and the database of account at its beginning."""
    writer = begin_ledger(infrastructure, tmp_path)
    table.reached(writer.opening().mark)
    return writer


@pytest.fixture(autouse=True)
def looking_often(monkeypatch):
    monkeypatch.setattr("shared.bus.relay_restore_gate.TRY_SECONDS", 0.05)


def write(table, ledger):
    """One more fact, which no database has taken up; the place in the ledger after it."""
    return ledger.append([Fact(kind=Kind.ACCOUNT_ERASED, account_id=uuid4())], table.clock.now())[-1].mark


def gate(table, ledger, service="account"):
    own = Ledger(ledger.path, keys=ledger.keys)
    return OutboxGate(own, service=service, dsn=table.databases.relay_dsn(service))


def is_in(relay, state):
    until(lambda: relay.state == state, what=f"the relay {state}, not {relay.state}")


def looked_again(relay):
    """Wait until the relay has looked again, twice to be sure that one look began after this call."""
    for _ in range(2):
        before = relay.alive_at
        until(lambda before=before: relay.alive_at > before, what="another look")


def test_nothing_leaves_the_outbox_of_a_restored_database_before_it_has_caught_up(table, broker, ledger):
    head = write(table, ledger)
    table.add(*ticks(3))
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "restoring")
        looked_again(relay)
        assert len(table.waiting()) == 3
        assert take_all(broker, QUEUE) == []
        table.reached(head)
        take(broker, QUEUE, count=3)
        is_in(relay, "active")


def test_a_database_whose_service_never_started_sends_nothing(table, broker, ledger):
    table.reached(None)
    table.add(*ticks(1))
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "restoring")
        looked_again(relay)
        assert len(table.waiting()) == 1


def test_new_facts_do_not_stop_a_relay_that_runs(table, broker, ledger):
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "active")
        write(table, ledger)
        table.add(*ticks(2))
        take(broker, QUEUE, count=2)
        assert relay.state == "active"


def test_facts_written_while_the_relay_waits_are_not_waited_for(table, broker, ledger):
    """Where facts are written all the time, no follower ever has the last one."""
    first = write(table, ledger)
    table.add(*ticks(1))
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "restoring")
        looked_again(relay)
        write(table, ledger)
        table.reached(first)
        take(broker, QUEUE, count=1)


def test_a_position_that_goes_back_under_a_running_relay_closes_the_gate(table, broker, ledger):
    opening, head = ledger.opening().mark, write(table, ledger)
    table.reached(head)
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "active")
        table.reached(opening)
        table.add(*ticks(2))
        is_in(relay, "restoring")
        looked_again(relay)
        assert len(table.waiting()) == 2
        assert take_all(broker, QUEUE) == []
        table.reached(head)
        take(broker, QUEUE, count=2)
        assert figure(relay, "vilkar_relay_trouble_total", code="CameUndone") == 1


def test_one_that_stands_by_looks_too(table, broker, ledger):
    opening, head = ledger.opening().mark, write(table, ledger)
    table.reached(head)
    with ExitStack() as first:
        leading = first.enter_context(relaying(table, broker, gate=gate(table, ledger)))
        is_in(leading, "active")
        with relaying(table, broker, gate=gate(table, ledger)) as standing_by:
            is_in(standing_by, "standby")
            table.reached(opening)
            is_in(standing_by, "restoring")
            first.close()
            table.add(*ticks(1))
            looked_again(standing_by)
            assert len(table.waiting()) == 1
            table.reached(head)
            take(broker, QUEUE, count=1)


def test_the_outboxes_of_other_databases_do_not_wait(table, broker, ledger):
    table.reached(write(table, ledger))
    with (
        relaying(table, broker, service="audit", gate=gate(table, ledger, "audit")) as shut,
        relaying(table, broker, gate=gate(table, ledger)) as relay,
    ):
        is_in(shut, "restoring")
        table.add(*ticks(1))
        take(broker, QUEUE, count=1)
        is_in(relay, "active")
        assert shut.state == "restoring"


def test_a_ledger_that_cannot_be_relied_on_keeps_it_shut_until_it_is_put_back(table, broker, ledger):
    table.reached(write(table, ledger))
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[: whole.index(b"\n") + 1])
    table.add(*ticks(1))
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "ledger_broken")
        looked_again(relay)
        assert len(table.waiting()) == 1
        ledger.path.write_bytes(whole)
        take(broker, QUEUE, count=1)


def test_a_relay_that_waits_stops_when_told_to(table, broker, ledger):
    write(table, ledger)
    with relaying(table, broker, gate=gate(table, ledger)) as relay:
        is_in(relay, "restoring")
    assert relay.state == "stopped"


def test_readiness_says_which_outbox_waits_for_its_service(table, broker, ledger):
    head, port = write(table, ledger), free_port()

    def ready():
        try:
            answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
        except requests.ConnectionError:
            return None
        return answer.status_code, answer.json()["outboxes"]

    with relay_process(table, broker, health_port=port):
        until(lambda: ready() == (503, {"account": "restoring"}), what="told to be restoring")
        table.reached(head)
        until(lambda: ready() == (200, {"account": "active"}), what="ready")
