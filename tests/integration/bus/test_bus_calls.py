"""Calls: answered in time, with typed errors, by our caller and by a plain nameko one."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from nameko.exceptions import MethodNotFound, RemoteError, UnknownService
from nameko.standalone.rpc import ServiceRpcProxy

from shared.bus.rpc_client import BusCaller
from shared.calls import pages
from shared.context import acting_as
from shared.errors import Conflict, DeadlineExceeded, Internal, Invalid, NotFound, Unavailable
from tests.integration.bus.constants import PASSWORD_IN_A_FAULT
from tests.integration.bus.harness import Bench, Process
from tests.waiting import until

pytestmark = pytest.mark.integration


def test_a_call_is_answered(probe: Bench, caller: BusCaller) -> None:
    assert caller.call("account", "echo", text="hello")["text"] == "hello"


def test_many_calls_at_once_each_get_their_own_answer(probe: Bench, caller: BusCaller) -> None:
    def ask(number: int) -> str:
        return caller.call("account", "echo", text=str(number), timeout_seconds=10)["text"]

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(200))) == [str(number) for number in range(200)]
    assert caller.under_way == 0


def test_every_service_answers_ping(probe: Bench, caller: BusCaller) -> None:
    assert caller.call("account", "ping")["service"] == "account"


def test_a_call_carries_who_acts_and_what_story_it_belongs_to(probe: Bench, caller: BusCaller) -> None:
    with acting_as("user:4711") as story:
        answer = caller.call("account", "echo", text="hello")
    assert answer["actor"] == "user:4711"
    assert answer["correlation_id"] == str(story.correlation_id)


def test_a_service_calls_another_over_the_bus(probe: Bench, caller: BusCaller) -> None:
    assert caller.call("account", "through", text="there and back")["text"] == "there and back"


def test_no_service_is_called_while_a_transaction_is_open(
    probe: Bench, caller: BusCaller, running: Process
) -> None:
    with pytest.raises(Internal) as failed:
        caller.call("account", "through_while_changing", text="there", timeout_seconds=10)
    told = next(line for line in running.log.read_text().splitlines() if failed.value.error_id in line)
    assert "Permanent" in told
    (message_id,) = probe.send("ask")
    (parked,) = until(probe.parked, seconds=60)
    assert parked["message_id"] == message_id
    assert parked["reason"] == "account.echo must not be called while a transaction is open"
    assert caller.call("account", "through", text="there and back", timeout_seconds=10)["text"] == "there and back"


def test_a_refusal_reaches_the_caller_with_its_code_and_details(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(NotFound, match="there is no such thing") as refused:
        caller.call("account", "fail", kind="not_found")
    assert refused.value.details == {"what": "thing"}


def test_fields_that_do_not_fit_are_refused_before_the_method_runs(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Invalid) as refused:
        caller.call("account", "add", number="many", surprise="hello")
    assert set(refused.value.details["fields"]) == {"number", "surprise"}
    assert "many" not in json.dumps(refused.value.details)
    assert probe.numbers() == []


def test_the_name_of_an_unknown_field_is_not_repeated_where_it_is_no_name(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Invalid) as refused:
        caller.call("account", "echo", text="x", **{"ola@example.no": 1})
    assert "ola" not in json.dumps(refused.value.details)


def test_a_fault_comes_out_as_its_id_alone(probe: Bench, caller: BusCaller, running: Process) -> None:
    with pytest.raises(Internal) as failed:
        caller.call("account", "fail", kind="boom")
    assert failed.value.error_id in running.log.read_text()
    assert PASSWORD_IN_A_FAULT not in str(failed.value)
    assert PASSWORD_IN_A_FAULT not in running.log.read_text()


def test_a_dependency_that_is_down_is_told_as_unavailable(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Unavailable):
        caller.call("account", "fail", kind="transient")


@pytest.mark.parametrize("kind", ["timeout", "exit", "unserialisable", "too_large"])
def test_nothing_a_method_does_ends_the_process(kind: str, probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Internal):
        caller.call("account", "fail", kind=kind)
    assert caller.call("account", "ping")["service"] == "account"


def test_a_page_that_the_bus_has_no_room_for_has_fewer_rows_and_the_rest_follows(
    probe: Bench, caller: BusCaller
) -> None:
    def read(length: int, limit: int = 500) -> list[int]:
        found = pages(
            lambda after: caller.call(
                "account", "long_texts", length=length, limit=limit, after=after, timeout_seconds=10
            ),
            lambda page: page["next_after"],
            most=500,
            too_many="too many",
        )
        return [len(page["texts"]) for page in found]

    assert read(100) == [500]
    assert read(2000) == [125] * 4
    with pytest.raises(Internal):
        read(300_000, limit=1)


def test_an_unknown_method_is_told_at_once(probe: Bench, caller: BusCaller) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="no method no_such_method"):
        caller.call("account", "no_such_method")
    assert time.monotonic() - began < 1


def test_a_command_with_a_key_takes_effect_once_and_answers_the_same(probe: Bench, caller: BusCaller) -> None:
    first = caller.call("account", "add", number=7, idempotency_key="k-1")
    again = caller.call("account", "add", number=7, idempotency_key="k-1")
    other = caller.call("account", "add", number=7, idempotency_key="k-2")
    assert first == again == {"number": 7, "rows": 1}
    assert other == {"number": 7, "rows": 2}


def test_what_a_command_must_know_of_others_it_asks_before_its_transaction_and_once(
    probe: Bench, caller: BusCaller
) -> None:
    added = {"number": 9, "rows": 1}
    assert caller.call("account", "add_new", number=9, idempotency_key="k-6") == added
    assert caller.call("account", "add_new", number=9, idempotency_key="k-6") == added
    with pytest.raises(Conflict, match="not this number"):
        caller.call("account", "add_new", number=9, idempotency_key="k-7")
    assert probe.numbers() == [9]


@pytest.mark.parametrize(
    ("method", "more"),
    [("add", {"seconds": 0.2}), pytest.param("add_new", {}, id="which is refused where the first was done")],
)
def test_two_commands_with_one_key_at_the_same_time_take_effect_once(
    probe: Bench, caller: BusCaller, method: str, more: dict[str, Any]
) -> None:
    def add(_: int) -> Any:
        return caller.call("account", method, number=8, **more, idempotency_key="k-3", timeout_seconds=10)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(add, range(4)))
    assert answers == [{"number": 8, "rows": 1}] * 4
    assert probe.numbers() == [8]


def test_a_refused_command_changes_nothing_and_keeps_no_reply(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Conflict):
        caller.call("account", "add", number=13, idempotency_key="k-4")
    assert probe.numbers() == []
    assert probe.rows("SELECT * FROM command_reply") == []


def test_a_key_that_comes_with_another_request_is_refused_and_changes_nothing(
    probe: Bench, caller: BusCaller
) -> None:
    caller.call("account", "add", number=7, seconds=0.0, idempotency_key="k-5")
    for other in ({"number": 8, "seconds": 0.0}, {"number": 7}):
        with pytest.raises(Conflict, match="another request"):
            caller.call("account", "add", **other, idempotency_key="k-5")
    assert caller.call("account", "add", seconds=0.0, number=7, idempotency_key="k-5") == {"number": 7, "rows": 1}
    assert probe.numbers() == [7]


def test_one_key_of_two_who_act_or_two_accounts_stands_for_two_requests(probe: Bench, caller: BusCaller) -> None:
    def add(actor: str, account_id: uuid.UUID) -> Any:
        with acting_as(actor):
            return caller.call("account", "add", number=7, account_id=account_id, idempotency_key="1")["rows"]

    mine, yours = uuid.uuid4(), uuid.uuid4()
    assert [add("user:1", mine), add("user:2", mine), add("user:1", yours)] == [1, 2, 3]
    assert [add("user:1", mine), add("user:2", mine), add("user:1", yours)] == [1, 2, 3]


def test_one_key_of_two_processes_stands_for_two_requests(probe: Bench, caller: BusCaller) -> None:
    """The broker tells who asks; a caller that gives itself another's name is not even answered."""
    other = BusCaller(probe.broker.uri("retention"), name="retention")
    try:
        assert caller.call("account", "add", number=7, idempotency_key="1")["rows"] == 1
        assert other.call("account", "add", number=7, idempotency_key="1", timeout_seconds=20)["rows"] == 2
    finally:
        other.close()
    with ServiceRpcProxy("account", {"AMQP_URI": probe.broker.uri("gateway")}, timeout=20) as plain_caller:
        assert [plain_caller.add(number=7, idempotency_key="1")["rows"] for _ in range(2)] == [3, 3]


def test_a_malformed_key_is_refused(probe: Bench, caller: BusCaller) -> None:
    with pytest.raises(Invalid):
        caller.call("account", "add", number=1, idempotency_key="a key with blanks")


def test_a_method_that_outlasts_its_time_is_cut_short(probe: Bench, caller: BusCaller) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        caller.call("account", "add", number=9, seconds=3, timeout_seconds=0.4)
    assert time.monotonic() - began < 0.8
    time.sleep(0.3)
    assert probe.numbers() == []
    assert caller.call("account", "ping")["service"] == "account"


def test_a_plain_nameko_caller_is_answered(probe: Bench) -> None:
    with ServiceRpcProxy("account", {"AMQP_URI": probe.broker.uri("gateway")}, timeout=5) as account:
        assert account.echo(text="hello")["text"] == "hello"


def test_a_plain_nameko_caller_gets_errors_it_understands(probe: Bench) -> None:
    with ServiceRpcProxy("account", {"AMQP_URI": probe.broker.uri("gateway")}, timeout=5) as account:
        with pytest.raises(RemoteError) as refused:
            account.fail(kind="not_found")
        assert (refused.value.exc_type, refused.value.value) == ("NotFound", "there is no such thing")
        with pytest.raises(MethodNotFound):
            account.no_such_method()
        with pytest.raises(RemoteError) as failed:
            account.fail(kind="boom")
        assert failed.value.exc_type == "Internal"
        assert PASSWORD_IN_A_FAULT not in str(failed.value)


def test_plain_nameko_finds_no_service_of_a_name_that_nobody_has(probe: Bench, caller: BusCaller) -> None:
    with (
        ServiceRpcProxy("nobody", {"AMQP_URI": probe.broker.uri("gateway")}, timeout=5) as nobody,
        pytest.raises(UnknownService),
    ):
        nobody.echo()
    with pytest.raises(Unavailable, match="no service nobody"):
        caller.call("nobody", "echo")


@pytest.fixture(scope="module")
def plain(bench: Bench, tmp_path_factory) -> Process:
    notes = tmp_path_factory.mktemp("plain") / "notes"
    process = bench.start("tests.integration.bus.plain", PLAIN_NOTES=str(notes))
    until(lambda: bench.depth("rpc-probe-source") == 0, what="a plain service")
    return process


def test_our_caller_calls_a_plain_nameko_service(probe: Bench, caller: BusCaller, plain: Process) -> None:
    with pytest.raises(Internal) as failed:
        caller.call("probe-source", "boom", timeout_seconds=5)
    assert PASSWORD_IN_A_FAULT not in str(failed.value)


def test_a_plain_nameko_service_calls_ours(probe: Bench, caller: BusCaller, plain: Process) -> None:
    assert caller.call("probe-source", "ask", text="hello", timeout_seconds=5)["text"] == "hello"


def test_a_bare_dict_from_a_plain_dispatcher_is_an_event(probe: Bench, caller: BusCaller, plain: Process) -> None:
    data = {"number": 42, "mood": "ok"}
    caller.call("probe-source", "tell", event_type="probe.happened", data=data, timeout_seconds=5)
    until(lambda: probe.numbers() == [42])


def test_positional_arguments_are_refused_to_their_sender(probe: Bench) -> None:
    with (
        ServiceRpcProxy("account", {"AMQP_URI": probe.broker.uri("gateway")}, timeout=5) as account,
        pytest.raises(Exception, match="positional_arguments"),
    ):
        account.echo("hello")


def test_ids_and_instants_travel_as_text(probe: Bench, caller: BusCaller) -> None:
    some_id = uuid.uuid4()
    assert caller.call("account", "echo", text=some_id)["text"] == str(some_id)
