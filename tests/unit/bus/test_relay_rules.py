"""The parts of the relay that need no server."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.bus.batch_publisher import Outgoing, _Batch, publishable
from shared.bus.relay import Q, backoff, unheard_types
from shared.config import SettingError
from shared.failpoints import Failpoints

pytestmark = pytest.mark.unit


def outgoing(key, lane, routing_key="a.b"):
    properties = {"message_id": str(key)}
    return Outgoing(
        key=key,
        lane=lane,
        exchange="x",
        routing_key=routing_key,
        mandatory=True,
        body=b"",
        properties=properties,
    )


def test_a_failed_row_waits_longer_each_time_and_at_most_five_minutes():
    pauses = [backoff(attempts) for attempts in range(60)]
    assert pauses[0] == timedelta(seconds=1)
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[-1] == timedelta(minutes=5)


def test_one_message_of_each_lane_goes_first_and_the_next_after_its_confirm():
    batch = _Batch([outgoing(1, "a"), outgoing(2, "a"), outgoing(3, "b")])
    for tag, message in enumerate(batch.heads(), start=1):
        batch.sent(tag, message)
    assert batch.released() == []
    batch.settle(2, multiple=True, refused=False)
    assert batch.outcome.confirmed == [1, 3]
    (following,) = batch.released()
    assert following.key == 2
    assert batch.released() == []


def test_a_confirm_of_many_covers_all_tags_up_to_it_and_none_after():
    batch = _Batch([outgoing(key, str(key)) for key in range(1, 6)])
    for tag, message in enumerate(batch.heads(), start=1):
        batch.sent(tag, message)
    batch.settle(3, multiple=True, refused=False)
    assert batch.outcome.confirmed == [1, 2, 3]
    batch.settle(4, multiple=False, refused=True)
    assert batch.outcome.failed == {4: "nacked"}
    assert batch.waiting


def test_a_confirm_of_an_unknown_tag_changes_nothing():
    batch = _Batch([outgoing(1, "a")])
    batch.sent(7, batch.heads()[0])
    batch.settle(3, multiple=False, refused=False)
    batch.settle(6, multiple=True, refused=False)
    assert batch.outcome.confirmed == []
    assert batch.waiting


def test_a_returned_message_counts_as_failed_although_it_is_confirmed_and_its_lane_stops():
    batch = _Batch([outgoing(1, "a"), outgoing(2, "a")])
    batch.sent(1, batch.heads()[0])
    batch.returned.add("1")
    batch.settle(1, multiple=False, refused=False)
    assert batch.outcome.failed == {1: "no_route"}
    assert batch.released() == []
    assert not batch.waiting


def test_names_longer_than_the_wire_allows_are_counted_in_bytes():
    assert publishable(outgoing(1, "a", "x" * 255))
    assert not publishable(outgoing(1, "a", "å" * 128))


def test_rows_are_claimed_by_state_and_never_after_an_id_seen_before():
    assert "published_at IS NULL" in Q.waiting
    assert "id >" not in Q.waiting


def test_the_list_of_unheard_types_is_read_by_source(tmp_path):
    path = tmp_path / "unheard.json"
    path.write_text(json.dumps({"account": ["a.b"]}))
    assert unheard_types(path) == {"account": frozenset({"a.b"})}
    assert all(types for types in unheard_types().values()), "the generated file can be read"


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_a_failpoint_is_refused_outside_tests(environment):
    with pytest.raises(SettingError, match="test environment"):
        Failpoints(environment, {"VILKAR_FAILPOINT": "relay.after_publish:kill"})


@pytest.mark.parametrize("text", ["kill", "a:explode", ":kill", "a:kill@x"])
def test_a_failpoint_that_cannot_be_read_is_refused(text):
    with pytest.raises(SettingError, match="must read"):
        Failpoints("test", {"VILKAR_FAILPOINT": text})


def test_a_failpoint_that_is_not_set_does_nothing():
    Failpoints("production", {}).hit("relay.after_publish")
    waiting = Failpoints("test", {"VILKAR_FAILPOINT": "relay.after_publish:kill@3"})
    waiting.hit("relay.after_publish")
    waiting.hit("relay.before_publish")
    waiting.hit("relay.after_publish")
