"""The traps of nameko 2.14.1, kombu, psycopg and eventlet by number; beside the cure, where cheap, the bare stack.

Numbers as in the project's list of traps; those about the relay, the topology and services are tested there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from kombu import Exchange

from deploy.native import plan
from shared.bus import offload, rpc_wire, wire
from shared.bus.connection import BrokerConnection
from shared.bus.publisher import Outgoing, Publisher, Unroutable
from shared.errors import DeadlineExceeded, Unavailable
from tests.integration.bus.constants import PASSWORD_IN_A_FAULT, SOURCE
from tests.integration.bus.harness import QUEUE, REPOSITORY, Bench, Process, envelope
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.bus.rpc_client import BusCaller

pytestmark = pytest.mark.integration

SOMEWHERE = str(uuid.uuid4())
PLAIN_QUEUE = "evt-plain-source-plain.happened--probe-source.hear"


def measured_in_a_process(trap: str, how: str, *arguments: str) -> Any:
    """What `eventlet_traps` measures; cured with the memory settings that every process is given."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PSYCOPG_WAIT_FUNC", *plan.MEMORY}
    }
    if how == "cured":
        environment |= plan.MEMORY
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.bus.eventlet_traps", trap, how, *arguments],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def plain(bench: Bench, notes: Path) -> Iterator[Process]:
    """A fresh process of plain nameko: most tests leave it dead."""
    process = bench.start("tests.integration.bus.plain", PLAIN_NOTES=str(notes))
    queues = (PLAIN_QUEUE, "rpc-probe-source")
    until(lambda: all(bench.consumers(queue) for queue in queues), what="a plain service")
    yield process
    process.kill()
    with bench.producer() as producer:
        for queue in queues:
            producer.channel.queue_delete(queue)


def tell_plain(bench: Bench, body: bytes) -> None:
    with bench.producer() as producer:
        producer.publish(
            body,
            exchange=Exchange("plain-source.events", type="topic", durable=True),
            routing_key="plain.happened",
            content_type="application/json",
            content_encoding="utf-8",
            mandatory=True,
        )


def heard(notes: Path) -> list[str]:
    return notes.read_text().split() if notes.exists() else []


def test_trap_01_a_handler_error_does_not_lose_the_event(probe: Bench, plain: Process, notes: Path) -> None:
    probe.send("transient:2")
    until(lambda: probe.numbers() == [0])
    tell_plain(probe, b'{"number": 1, "mood": "boom"}')
    tell_plain(probe, b'{"number": 2}')
    until(lambda: heard(notes) == ["2"])
    assert probe.depth(PLAIN_QUEUE) == 0, "plain nameko has acknowledged what it did not handle"


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"{not json", "application/json", "not_json"),
        (b"\xff\xfe\x00", "application/json", "not_utf8"),
        (b"\x80\x04K\x01.", "application/x-python-serialize", "content_type"),
        (b"[1, 2]", "application/json", "not_an_object"),
        (b"", "application/json", "not_json"),
    ],
)
def test_trap_02_what_cannot_be_read_is_parked_byte_for_byte(
    body: bytes, content_type: str, reason: str, probe: Bench
) -> None:
    with probe.producer() as producer:
        probe.send_raw(body, producer=producer, content_type=content_type)
    (parked,) = until(probe.parked)
    assert bytes(parked["body"]) == body
    assert parked["reason"] == f"undecodable: {reason}"


def test_trap_02_plain_nameko_loses_what_it_cannot_read(probe: Bench, plain: Process, notes: Path) -> None:
    tell_plain(probe, b"{not json")
    tell_plain(probe, b'{"number": 2}')
    until(lambda: heard(notes) == ["2"])
    assert probe.depth(PLAIN_QUEUE) == 0


def test_trap_03_a_time_out_in_a_handler_does_not_freeze_the_queue(probe: Bench) -> None:
    probe.send(*["timeout:2"] * 12, "ok")
    until(lambda: sorted(probe.numbers()) == list(range(13)))


def test_trap_03_plain_nameko_freezes(probe: Bench, plain: Process, notes: Path) -> None:
    for number in range(2):  # as many as it has workers
        tell_plain(probe, json.dumps({"number": number, "mood": "timeout"}).encode())
    tell_plain(probe, b'{"number": 2}')
    tell_plain(probe, b'{"number": 3}')
    tell_plain(probe, b'{"number": 4}')
    time.sleep(1)
    assert len(heard(notes)) < 3


def test_trap_04_a_waiter_that_was_timed_out_takes_no_connection_with_it(bench: Bench) -> None:
    assert measured_in_a_process("leaking", "cured", bench.server.dsn(bench.database)) is True


def test_trap_04_psycopg_pool_loses_the_connection_as_it_comes(bench: Bench) -> None:
    assert measured_in_a_process("leaking", "bare", bench.server.dsn(bench.database)) is False


def test_waits_that_ended_before_their_limits_wake_nobody_later() -> None:
    assert measured_in_a_process("limiting", "cured") <= 5


def test_eventlet_as_it_comes_wakes_for_each_of_twenty() -> None:
    assert measured_in_a_process("limiting", "bare") >= 20


def test_trap_05_waiting_for_the_database_holds_nobody_up(bench: Bench) -> None:
    assert measured_in_a_process("waiting", "cured", bench.server.dsn(bench.database)) >= 10


def test_trap_05_psycopg_holds_up_the_process_as_it_comes(bench: Bench) -> None:
    assert measured_in_a_process("waiting", "bare", bench.server.dsn(bench.database)) <= 1


def test_looking_up_a_name_holds_nobody_up() -> None:
    assert measured_in_a_process("naming", "cured") >= 10


def test_trap_05_patching_too_late_is_refused() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        measured_in_a_process("late", "cured")
    assert "must run before the import of psycopg" in refused.value.stderr


@pytest.mark.parametrize("kind", ["unserialisable", "exit"])
def test_trap_07_what_fails_around_a_method_does_not_end_the_container(
    kind: str, probe: Bench, caller: BusCaller
) -> None:
    with pytest.raises(Exception, match="internal"):
        caller.call("account", "fail", kind=kind)
    assert caller.call("account", "ping")["service"] == "account"


def call_raw(bench: Bench, body: bytes, service: str = "account", method: str = "echo", **properties: Any) -> None:
    with bench.producer() as producer:
        producer.publish(
            body,
            exchange=Exchange("nameko-rpc", type="topic", durable=True),
            routing_key=f"{service}.{method}",
            **{"content_type": "application/json", "content_encoding": "utf-8", "mandatory": True, **properties},
        )


@pytest.mark.parametrize(
    ("body", "properties", "reason"),
    [
        (b'{"args": [], "kwargs": {"text": "ola@example.no"}}', {}, "nobody_to_answer"),
        (b'{"args": [], "kwargs": {}}', {"reply_to": "desk.reply"}, "not_its_own_reply_key"),
        (b'{"args": []}', {"reply_to": SOMEWHERE}, "args_or_kwargs_missing"),
        (b"", {"reply_to": SOMEWHERE}, "not_json"),
        (b'"ola@example.no"', {"reply_to": SOMEWHERE}, "not_an_object"),
        (b"ola@example.no", {"reply_to": SOMEWHERE, "content_type": "text/plain"}, "content_type"),
        (b'{"args": ["ola@example.no"], "kwargs": {}}', {"reply_to": SOMEWHERE}, "positional_arguments"),
    ],
)
def test_trap_08_a_malformed_call_is_parked_without_what_it_held(
    body: bytes, properties: dict[str, Any], reason: str, probe: Bench, caller: BusCaller
) -> None:
    call_raw(probe, body, **properties)
    (parked,) = until(probe.parked)
    assert parked["reason"] == reason
    assert "ola" not in str(parked)
    assert b"ola" not in bytes(parked["body"])
    assert caller.call("account", "ping")["service"] == "account"
    until(lambda: probe.depth("rpc-account") == 0)


def test_trap_08_plain_nameko_dies_of_it(probe: Bench, plain: Process) -> None:
    call_raw(probe, b'{"args": [], "kwargs": {}}', service="probe-source", method="boom")
    assert plain.popen.wait(10) != 0


def test_trap_09_a_call_does_not_wait_for_ever(probe: Bench, caller: BusCaller) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        caller.call("account", "echo", text="x", seconds=3, timeout_seconds=0.3)
    assert 0.25 < time.monotonic() - began < 0.8
    assert caller.under_way == 0


def test_trap_10_a_call_that_nobody_waits_for_any_more_is_not_carried_out(probe: Bench) -> None:
    body = b'{"args": [], "kwargs": {"number": 99}}'
    past = int((time.time() - 1) * 1000)  # noqa: TID251  # what a caller's clock said a second ago
    call_raw(probe, body, method="add", reply_to=str(uuid.uuid4()), headers={"vilkar.deadline": past})
    call_raw(probe, body.replace(b"99", b"98"), method="add", reply_to=str(uuid.uuid4()))
    until(probe.numbers)
    assert probe.numbers() == [98]


def test_trap_11_what_no_queue_takes_is_an_error(probe: Bench, publisher: Publisher, caller: BusCaller) -> None:
    began = time.monotonic()
    with pytest.raises(Unroutable):
        publisher.publish(Outgoing(body=b"{}", exchange=f"{SOURCE}.events", routing_key="nobody.listens"))
    with pytest.raises(Unavailable):
        caller.call("nobody", "anything")
    assert time.monotonic() - began < 1


@pytest.fixture(scope="module")
def publisher(bench: Bench) -> Iterator[Publisher]:
    made = Publisher(bench.broker.uri("account"), name="test writes")
    made.open(wait_seconds=10)
    yield made
    made.close()


def test_trap_13_confirmations_are_not_mixed_up(probe: Bench, publisher: Publisher) -> None:
    """Confirmed, unroutable and not waited for, from many threads over one channel: each gets its own answer."""
    with probe.producer() as producer:
        producer.channel.queue_declare("trap-13", durable=False, auto_delete=False)

    def send(number: int) -> str:
        key = "trap-13" if number % 3 else "no-such-queue"
        outgoing = Outgoing(body=b"{}", exchange="", routing_key=key, persistent=False)
        if number % 3 == 2:
            publisher.post(outgoing)
            return "posted"
        try:
            publisher.publish(outgoing)
        except Unroutable:
            return "unroutable"
        return "confirmed"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(300)))
    assert answers == ["unroutable", "confirmed", "posted"] * 100
    until(lambda: probe.depth("trap-13") == 200)


def test_trap_14_a_time_to_live_is_in_seconds() -> None:
    outgoing = Outgoing(body=b"", exchange="", routing_key="x", expires_seconds=2.5)
    assert outgoing.to_amqp(user_id="account").properties["expiration"] == "2500"


def test_trap_15_a_dict_with_special_keys_stays_a_dict(probe: Bench) -> None:
    data = {"number": 3, "mood": "ok", "more": {"__type__": "uuid", "__value__": {"hex": "0"}}}
    probe.send("ok", data=data)
    until(lambda: probe.numbers() == [3])
    assert measured_in_a_process("typed", "cured") == "dict"
    assert measured_in_a_process("typed", "bare") == "UUID"


def test_trap_18_a_renamed_method_reads_the_same_queue() -> None:
    assert QUEUE == "evt-probe-source-probe.happened--account"
    assert "note" not in QUEUE


def test_trap_19_only_known_headers_travel_on() -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    received = {"x-death": [{}], "x-attempt": 5, "secret": "s", "traceparent": trace, "vilkar.actor": "user:1"}
    sent = rpc_wire.context_headers(
        rpc_wire.context_of(received, user="gateway"), user="gateway", service="account"
    )
    assert set(sent) == {"vilkar.correlation-id", "vilkar.actor", "traceparent"}


def test_trap_20_health_is_told_while_all_workers_are_busy(
    probe: Bench, caller: BusCaller, running: Process
) -> None:
    def hold(_: int) -> Any:
        return caller.call("account", "echo", text="x", seconds=1.0, timeout_seconds=10)

    with ThreadPoolExecutor(15) as pool:
        held = [pool.submit(hold, number) for number in range(15)]
        time.sleep(0.3)
        for path in ("/livez", "/readyz", "/metrics"):
            began = time.monotonic()
            assert running.health(path)[0] == 200
            assert time.monotonic() - began < 0.4
        assert all(call.result()["text"] == "x" for call in held)


def test_trap_21_plain_nameko_tells_strangers_what_an_error_said(probe: Bench, plain: Process) -> None:
    replies: list[str] = []
    connection = BrokerConnection(
        probe.broker.uri("gateway"), name="listens", prepare=lambda connection: _listen(connection, replies)
    )
    connection.open(wait_seconds=10)
    for service, kind in (("probe-source", "boom"), ("account", "fail")):
        fields = {"kind": "boom"} if service == "account" else {}
        body = json.dumps({"args": [], "kwargs": fields}).encode()
        call_raw(probe, body, service=service, method=kind, reply_to=SOMEWHERE)
    until(lambda: len(replies) == 2)
    connection.close()
    leaking = [reply for reply in replies if PASSWORD_IN_A_FAULT in reply]
    assert len(leaking) == 1
    assert "ValueError" in leaking[0]


def _listen(connection: Any, replies: list[str]) -> None:
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).queue
    channel.queue_bind(queue, "nameko-rpc", SOMEWHERE)
    channel.basic_consume(queue, no_ack=True, callback=lambda message: replies.append(str(message.body)))


def test_trap_22_attempts_are_counted_without_the_brokers_death_records(probe: Bench) -> None:
    deaths = [{"queue": QUEUE, "reason": "expired", "count": 99, "exchange": "", "routing-keys": [QUEUE]}]
    body = json.dumps(envelope(1, "transient:2")).encode()
    with probe.producer() as producer:
        probe.send_raw(body, producer=producer, headers={"x-death": deaths})
    until(probe.numbers)
    assert probe.rows("SELECT attempt FROM probe_effect") == [{"attempt": 2}]


def test_trap_23_the_reply_queue_is_a_classic_one_whatever_the_default(probe: Bench, caller: BusCaller) -> None:
    caller.call("account", "ping")
    state = until(lambda: probe.queue_state(caller._reply_queue))
    assert state["arguments"] == {"x-expires": 300_000, "x-queue-type": "classic"}
    assert state["type"] == "classic"


def test_trap_27_nothing_needs_pkg_resources(running: Process) -> None:
    """The `nameko` command does; ours is a module of its own, and the probe runs on it."""
    code = (
        "from shared.bus import monkey_patch; monkey_patch.apply()\n"
        "import sys; import shared.bus.service_process; print([*sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "'nameko.containers'" in done.stdout
    assert "'pkg_resources'" not in done.stdout


def test_trap_30_hashing_a_password_holds_nobody_up() -> None:
    assert measured_in_a_process("hashing", "cured") >= 8


def test_twenty_people_who_log_in_at_once_leave_no_memory_behind() -> None:
    measured = measured_in_a_process("growing", "cured")
    # The main thread, and those that compute.
    assert measured["threads"] == 1 + offload.AT_ONCE
    assert measured["grown_mib"] < 10, "what a hash took is given back"
    assert measured["peak_mib"] < 19 * offload.AT_ONCE + 20, "no more hashes at a time than there are threads"


def test_threads_of_eventlet_s_own_number_keep_what_they_computed_with() -> None:
    measured = measured_in_a_process("growing", "bare")
    assert measured["threads"] == 21
    assert measured["grown_mib"] > 150


def test_trap_30_hashing_on_the_event_loop_does() -> None:
    assert measured_in_a_process("hashing", "bare") <= 1


def test_trap_31_events_wait_in_quorum_queues(probe: Bench) -> None:
    state = probe.queue_state(QUEUE)
    assert state["arguments"]["x-queue-type"] == "quorum"
    assert probe.queue_state(wire.Tier(seconds=1).name("account"))["arguments"]["x-queue-type"] == "quorum"


def test_trap_32_what_cannot_be_committed_is_not_acknowledged(probe: Bench) -> None:
    """The fault comes at COMMIT, after the handler has ended well."""
    with probe.connect() as connection:
        connection.execute(REFUSE_AT_COMMIT)
        try:
            probe.send("ok", first=66)
            until(
                lambda: probe.depth("retry.account.1s") or probe.depth("retry.account.2s"), what="a second attempt"
            )
            assert probe.numbers() == []
        finally:
            connection.execute("DROP FUNCTION refuse() CASCADE")
    until(lambda: probe.numbers() == [66])


REFUSE_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON probe_effect DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION refuse();
"""
