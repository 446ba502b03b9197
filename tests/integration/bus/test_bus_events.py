"""Events: handled once, in order, and never lost."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from kombu import Connection, Producer

from tests.integration.bus.constants import PASSWORD_IN_A_FAULT, SOURCE
from tests.integration.bus.harness import QUEUE, Bench, Process, envelope
from tests.waiting import until

pytestmark = pytest.mark.integration


def test_an_event_takes_effect_once_and_is_recorded(probe: Bench) -> None:
    (message_id,) = probe.send("ok")
    until(lambda: probe.numbers() == [0])
    assert [row["message_id"] for row in probe.rows("SELECT message_id FROM inbox")] == [message_id]
    until(lambda: probe.depth() == 0)


def test_the_same_event_sent_again_has_no_second_effect(probe: Bench) -> None:
    body = json.dumps(envelope(1)).encode()
    with probe.producer() as producer:
        for _ in range(3):
            probe.send_raw(body, producer=producer)
    probe.send("ok", first=2)
    until(lambda: 2 in probe.numbers())
    assert probe.numbers() == [1, 2]


def test_many_events_take_effect_in_their_order(probe: Bench) -> None:
    probe.send(*["ok"] * 300)
    until(lambda: len(probe.numbers()) == 300)
    assert probe.numbers() == list(range(300))


def test_a_bad_message_among_good_ones_harms_none_of_them(probe: Bench) -> None:
    probe.send(*["ok"] * 20, "permanent", *["ok"] * 20)
    until(lambda: len(probe.numbers()) == 40)
    until(lambda: len(probe.parked()) == 1)
    assert probe.parked()[0]["consumer"] == QUEUE


def test_the_handler_works_in_the_context_of_the_event(probe: Bench) -> None:
    body = envelope(5)
    with probe.producer() as producer:
        probe.send_raw(json.dumps(body).encode(), producer=producer)
    (row,) = until(lambda: probe.rows("SELECT correlation_id FROM probe_effect"))
    assert row["correlation_id"] == UUID(body["correlationid"])


def test_what_will_never_do_is_parked_with_its_bytes_and_its_reason(probe: Bench) -> None:
    body = json.dumps(envelope(1, "permanent")).encode()
    with probe.producer() as producer:
        probe.send_raw(body, producer=producer)
    (parked,) = until(probe.parked)
    assert bytes(parked["body"]) == body
    assert parked["reason"] == "this will never do"
    assert parked["error_class"] == "Permanent"
    assert parked["attempts"] == 1
    assert parked["type"] == "probe.happened"
    assert probe.numbers() == []


def test_what_fails_for_now_is_tried_again_later(probe: Bench) -> None:
    probe.send("transient:3")
    until(probe.numbers)
    (row,) = probe.rows("SELECT attempt FROM probe_effect")
    assert row["attempt"] == 3
    assert probe.parked() == []


def test_what_gave_way_is_tried_again_at_once(probe: Bench) -> None:
    probe.send("busy", first=77)
    until(probe.numbers, seconds=0.9)
    assert probe.rows("SELECT attempt FROM probe_effect") == [{"attempt": 1}]


def test_what_fails_for_the_eighth_time_is_parked(probe: Bench) -> None:
    body = json.dumps(envelope(1, "boom")).encode()
    with probe.producer() as producer:
        probe.send_raw(body, producer=producer, headers={"x-attempt": 7})
    (parked,) = until(probe.parked)
    assert parked["attempts"] == 8
    assert parked["reason"] == "failed 8 times, last: unexpected ValueError"
    assert bytes(parked["body"]) == body


def test_an_unknown_version_is_parked_and_not_guessed_at(probe: Bench) -> None:
    probe.send("ok", dataversion=2)
    (parked,) = until(probe.parked)
    assert parked["error_class"] == "UnknownVersionError"


def test_data_that_do_not_fit_are_parked_with_the_names_of_the_fields(probe: Bench) -> None:
    probe.send("ok", data={"number": "many", "mood": "ok"})
    (parked,) = until(probe.parked)
    assert parked["reason"] == "probe.happened: ['number'] do not fit"


def test_a_fault_in_a_handler_leaves_no_trace_of_what_it_said(probe: Bench, running: Process) -> None:
    body = json.dumps(envelope(1, "boom")).encode()
    with probe.producer() as producer:
        probe.send_raw(body, producer=producer, headers={"x-attempt": 8})
    (parked,) = until(probe.parked)
    assert PASSWORD_IN_A_FAULT not in str(parked)
    assert PASSWORD_IN_A_FAULT not in running.log.read_text()


def test_what_the_broker_gave_up_on_is_parked_under_the_queue_it_failed_in(probe: Bench) -> None:
    body = json.dumps(envelope(1)).encode()
    death = {"queue": QUEUE, "reason": "delivery_limit", "exchange": f"{SOURCE}.events", "count": 1}
    headers = {
        "x-death": [{**death, "routing-keys": ["probe.happened"]}],
        "x-first-death-queue": QUEUE,
        "x-first-death-reason": "delivery_limit",
        "x-first-death-exchange": f"{SOURCE}.events",
    }
    with probe.producer() as producer:
        producer.publish(
            body,
            exchange="dead",
            routing_key="dead-account",
            content_type="application/json",
            headers=headers,
        )
    (parked,) = until(probe.parked)
    assert (parked["consumer"], parked["type"]) == (QUEUE, "probe.happened")
    assert parked["reason"] == "the broker gave up: delivery_limit"
    assert parked["headers"]["vilkar.exchange"] == f"{SOURCE}.events"


def test_what_the_broker_gave_up_on_after_it_had_waited_keeps_its_bytes_and_its_id(probe: Bench) -> None:
    """It died twice: in the tier, where that was meant, and then in the queue it came back to."""
    tier, back = "retry.account.1s", "returns-account"
    death = {"queue": QUEUE, "reason": "delivery_limit", "exchange": back, "count": 1, "routing-keys": [QUEUE]}
    waited = {"queue": tier, "reason": "expired", "exchange": tier, "count": 1, "routing-keys": [QUEUE]}
    headers = {
        "x-death": [death, waited],
        "x-first-death-queue": tier,
        "x-attempt": 2,
        "vilkar.exchange": f"{SOURCE}.events",
        "vilkar.routing-key": "probe.happened",
    }
    body = envelope(1)
    with Connection(probe.broker.uri("account"), transport_options={"confirm_publish": True}) as connection:
        Producer(connection).publish(
            json.dumps(body).encode(),
            exchange="dead",
            routing_key="dead-account",
            content_type="application/json",
            headers=headers,
            user_id="account",
        )
    (parked,) = until(probe.parked)
    assert (parked["consumer"], parked["attempts"]) == (QUEUE, 2)
    assert parked["reason"] == "the broker gave up: delivery_limit"
    assert (bytes(parked["body"]), parked["message_id"]) == (json.dumps(body).encode(), UUID(body["id"]))
