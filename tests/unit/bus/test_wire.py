"""Reading what comes off the bus: tolerant to what may grow, hard on what cannot be meant well."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import wire

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVENT_ID = UUID("0190b0f0-0000-7000-8000-000000000001")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def envelope(**changes):
    value = {
        "specversion": "1.0",
        "id": str(EVENT_ID),
        "source": "account",
        "type": "account.registered",
        "time": "2026-11-22T08:59:59+00:00",
        "subject": f"account/{EVENT_ID}",
        "dataversion": 1,
        "sequence": 3,
        "correlationid": str(EVENT_ID),
        "data": {"account_id": str(EVENT_ID)},
    }
    value.update(changes)
    return json.dumps({k: v for k, v in value.items() if v is not ...}).encode()


def read(
    body, *, content_type="application/json", headers=None, exchange="account.events", key="account.registered"
):
    return wire.decode(
        body,
        content_type=content_type,
        headers=headers,
        exchange=exchange,
        routing_key=key,
        received_at=NOW,
    )


def reason_of(body, **how):
    with pytest.raises(wire.Undecodable) as caught:
        read(body, **how)
    return caught.value.reason


def test_an_envelope_is_read_with_all_its_fields():
    got = read(envelope(traceparent=TRACE, causationid=str(EVENT_ID)), headers={"x-attempt": 2})
    assert (got.id, got.type, got.version, got.source) == (EVENT_ID, "account.registered", 1, "account")
    assert got.time == datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC)
    assert (got.sequence, got.correlation_id, got.causation_id) == (3, EVENT_ID, EVENT_ID)
    assert (got.traceparent, got.attempt) == (TRACE, 2)
    assert got.data == {"account_id": str(EVENT_ID)}


def test_unknown_attributes_and_content_type_parameters_are_tolerated():
    got = read(envelope(future="thing"), content_type="Application/JSON; charset=utf-8")
    assert got.id == EVENT_ID


def test_a_cloud_event_with_a_foreign_id_keeps_one_id_for_ever():
    first, second = (read(envelope(id="abc-1", sequence="0042")) for _ in range(2))
    assert first.id == second.id
    assert first.id != read(envelope(id="abc-2")).id
    assert first.sequence == 42


def test_a_bare_dict_gets_an_id_that_a_redelivery_keeps():
    body = b'{"account_id": "x"}'
    stack = {"nameko.call_id_stack": ["nogd.close.1"]}
    first = read(body, headers=stack, exchange="nogd.events", key="seat.closed")
    again = read(body, headers={**stack, "x-death": [1]}, exchange="nogd.events", key="seat.closed")
    other = read(
        body, headers={"nameko.call_id_stack": ["nogd.close.2"]}, exchange="nogd.events", key="seat.closed"
    )
    assert first.id == again.id != other.id
    assert (first.source, first.type, first.time, first.data) == ("nogd", "seat.closed", NOW, {"account_id": "x"})


@pytest.mark.parametrize("came_by", ["returns-retention", ""])
def test_a_bare_dict_keeps_id_and_origin_through_a_waiting_tier(came_by):
    body, stack = b'{"a": 1}', {"nameko.call_id_stack": ["nogd.close.1"], "traceparent": TRACE}
    first = read(body, headers=stack, exchange="nogd.events", key="seat.closed")
    headers = wire.retry_headers(
        stack, attempt=2, exchange="nogd.events", routing_key="seat.closed", message_id=first.id
    )
    assert "nameko.call_id_stack" not in headers
    queue = wire.event_queue("nogd", "seat.closed", "retention")
    second = read(body, headers=headers, exchange=came_by, key=queue)
    third = read(
        body,
        headers=wire.retry_headers(headers, attempt=3, exchange=came_by, routing_key=queue, message_id=second.id),
        exchange=came_by,
        key=queue,
    )
    assert first.id == second.id == third.id
    assert (third.source, third.type, third.attempt, third.traceparent) == ("nogd", "seat.closed", 3, TRACE)


def test_origin_headers_are_not_believed_on_a_real_exchange():
    forged = {"vilkar.exchange": "account.events", "vilkar.routing-key": "account.registered"}
    assert reason_of(envelope(), headers=forged, exchange="nogd.events") == "source_is_not_the_exchange"


@pytest.mark.parametrize(
    ("body", "how", "reason"),
    [
        (b"{", {}, "not_json"),
        (b"\xff\xfe", {}, "not_utf8"),
        (b"[]", {}, "not_an_object"),
        (b'"text"', {}, "not_an_object"),
        (b'{"a": 1, "a": 2}', {}, "key_twice"),
        (b'{"a": {"b": 1, "b": 1}}', {}, "key_twice"),
        (b'{"a": NaN}', {}, "not_a_number"),
        (b'{"a": -Infinity}', {}, "not_a_number"),
        (b'{"a": 1e999}', {}, "not_a_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", {}, "not_json"),
        (b'{"a": "' + b"x" * 262144 + b'"}', {}, "too_large"),
        (b'{"a": ' + b"[" * 17 + b"]" * 17 + b"}", {}, "too_deep"),
        (b"[" * 200_000, {}, "too_deep"),
        (b"{}", {"content_type": "application/x-python-serialize"}, "content_type"),
        (b"{}", {"content_type": None}, "content_type"),
        (b"{}", {"exchange": "nameko-rpc"}, "exchange_is_no_events_exchange"),
        (b"{}", {"exchange": ""}, "exchange_is_no_events_exchange"),
        (b"{}", {"key": "Not A Type"}, "name_malformed"),
        (envelope(specversion="2.0"), {}, "specversion"),
        (envelope(source="retention"), {}, "source_is_not_the_exchange"),
        (envelope(type="account.updated"), {}, "type_is_not_the_routing_key"),
        (envelope(data=[]), {}, "data_is_no_object"),
        (envelope(data=...), {}, "data_is_no_object"),
        (envelope(id=...), {}, "id"),
        (envelope(id=""), {}, "id"),
        (envelope(id=7), {}, "id"),
        (envelope(dataversion=0), {}, "dataversion"),
        (envelope(dataversion=True), {}, "dataversion"),
        (envelope(time="2026-11-22T08:59:59"), {}, "time"),
        (envelope(time=5), {}, "time"),
        (envelope(subject="a name with blanks"), {}, "subject"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(body, how, reason):
    assert reason_of(body, **how) == reason


def test_brackets_inside_strings_do_not_count_as_depth():
    body = json.dumps({"a": "[" * 100 + '\\"[[' * 50}).encode()
    assert read(body).data["a"].startswith("[[")


def test_an_unclosed_string_of_the_largest_size_is_refused_quickly():
    body = b'{"' + b'\\"[' * 80_000
    started = time.monotonic()
    assert reason_of(body) == "not_json"
    assert time.monotonic() - started < 1.0


def test_15_a_dict_that_looks_like_a_kombu_type_stays_a_dict():
    trap = {"__type__": "datetime", "__value__": "2020-01-01T00:00:00"}
    assert read(envelope(data={"trap": trap})).data == {"trap": trap}
    assert read(json.dumps(trap).encode()).data == trap


def test_19_only_the_trace_travels_on():
    headers = {
        "traceparent": TRACE,
        "nameko.call_id_stack": ["a.b.c"],
        "nameko.user_id": "7",
        "x-attempt": 4,
        "x-death": [{"count": 1}],
        "vilkar.deadline": 1.0,
    }
    assert wire.propagated(headers) == {"traceparent": TRACE}
    assert wire.propagated({"traceparent": "a free text that somebody put there"}) == {}


@pytest.mark.parametrize("value", [None, 0, -1, True, "3", 2.5])
def test_a_malformed_attempt_counts_as_the_first(value):
    assert wire.attempt_of({"x-attempt": value}) == 1


def test_18_a_queue_is_named_after_event_and_service_and_never_after_a_method():
    assert wire.event_queue("account", "account.deactivated", "retention") == (
        "evt-account-account.deactivated--retention"
    )
    assert wire.rpc_queue("billing-sync") == "rpc-billing-sync"
    assert wire.dead_queue("audit") == "dead-audit"
    assert [tier.name("audit") for tier in wire.TIERS] == [
        "retry.audit.5s",
        "retry.audit.30s",
        "retry.audit.120s",
        "retry.audit.600s",
        "retry.audit.3600s",
    ]


@pytest.mark.parametrize(
    ("exchange", "back"),
    [
        ("", True),
        (wire.returns_exchange("billing-sync"), True),
        ("account.events", False),
        (wire.events_exchange("returns-x"), False),
        ("strays-audit", False),
        ("nameko-rpc", False),
    ],
)
def test_only_what_came_back_may_say_where_it_was_first_published(exchange, back):
    claims = {wire.HEADER_EXCHANGE: "account.events", wire.HEADER_ROUTING_KEY: "account.updated"}
    first = ("account.events", "account.updated") if back else (exchange, "a.b")
    assert wire.origin(claims, exchange, "a.b") == first


def test_the_properties_of_an_event_identify_it_without_its_body():
    got = wire.event_properties(
        event_id=EVENT_ID, event_type="account.registered", source="account", time=NOW, correlation_id="c"
    )
    assert got == {
        "message_id": str(EVENT_ID),
        "type": "account.registered",
        "app_id": "account",
        "timestamp": int(NOW.timestamp()),
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
        "correlation_id": "c",
    }


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_in_another_way(body):
    with contextlib.suppress(wire.Undecodable):
        assert read(body).source == "account"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=20), JSON_VALUES), st.dictionaries(st.text(), JSON_VALUES))
def test_no_json_object_and_no_headers_make_it_fail_in_another_way(value, headers):
    for body in (value, {**json.loads(envelope()), **value}):
        try:
            got = read(json.dumps(body).encode(), headers=headers)
        except wire.Undecodable:
            continue
        assert got.source == "account"


def test_ids_of_our_own_events_are_taken_as_they_are():
    mine = uuid4()
    assert read(envelope(id=str(mine))).id == mine
