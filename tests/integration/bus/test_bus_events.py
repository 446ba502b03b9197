"""Events: handled once, in order, and never lost."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.integration.bus.harness import QUEUE, Bench, envelope, eventually

pytestmark = pytest.mark.integration


def test_an_event_takes_effect_once_and_is_recorded(probe: Bench) -> None:
    (message_id,) = probe.send("ok")
    eventually(lambda: probe.numbers() == [0])
    assert [row["message_id"] for row in probe.rows("SELECT message_id FROM inbox")] == [message_id]
    eventually(lambda: probe.depth() == 0)


def test_the_same_event_sent_again_has_no_second_effect(probe: Bench) -> None:
    body = json.dumps(envelope(1)).encode()
    with probe.producer() as producer:
        for _ in range(3):
            probe.send_raw(body, producer=producer)
    probe.send("ok", first=2)
    eventually(lambda: 2 in probe.numbers())
    assert probe.numbers() == [1, 2]


def test_many_events_take_effect_in_their_order(probe: Bench) -> None:
    probe.send(*["ok"] * 300)
    eventually(lambda: len(probe.numbers()) == 300)
    assert probe.numbers() == list(range(300))


def test_a_bad_message_among_good_ones_harms_none_of_them(probe: Bench) -> None:
    probe.send(*["ok"] * 20, "permanent", *["ok"] * 20)
    eventually(lambda: len(probe.numbers()) == 40)
    eventually(lambda: len(probe.parked()) == 1)
    assert probe.parked()[0]["consumer"] == QUEUE


def test_the_handler_works_in_the_context_of_the_event(probe: Bench) -> None:
    body = envelope(5)
    with probe.producer() as producer:
        probe.send_raw(json.dumps(body).encode(), producer=producer)
    (row,) = eventually(lambda: probe.rows("SELECT correlation_id FROM probe_effect"))
    assert row["correlation_id"] == UUID(body["correlationid"])
