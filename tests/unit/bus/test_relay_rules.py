"""The parts of the relay that need no server."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.bus.publisher import ConfirmChannel, Outcome, Outgoing, _Batch
from shared.bus.relay import Q, backoff, unheard_types
from shared.config import SettingError
from shared.failpoints import Failpoints

pytestmark = pytest.mark.unit


def outgoing(key, routing_key="a.b"):
    return Outgoing(key=key, exchange="x", routing_key=routing_key, body=b"")


class Broker:
    """What a channel says to whoever publishes on it; the tags are given in the order of the messages."""

    def __init__(self, *lanes):
        self.batch = _Batch(lanes)
        self.channel = ConfirmChannel.__new__(ConfirmChannel)
        self.channel._returned = set()
        self.channel._settled = lambda keys, outcome: [self.batch.settle(key, outcome) for key in keys]
        self.channel._keys = {tag: message.key for tag, message in enumerate(self.batch.begin(), start=1)}

    def confirms(self, tag, *, multiple=False):
        self.channel._on_ack(tag, multiple)
        return [message.key for message in self.batch.go_on()]

    def refuses(self, tag):
        self.channel._on_nack(tag, False)
        return [message.key for message in self.batch.go_on()]


def test_a_failed_row_waits_longer_each_time_and_at_most_five_minutes():
    pauses = [backoff(attempts) for attempts in range(60)]
    assert pauses[0] == timedelta(seconds=1)
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[-1] == timedelta(minutes=5)


def test_one_message_of_each_lane_goes_first_and_the_next_after_its_confirm():
    broker = Broker([outgoing("1"), outgoing("2")], [outgoing("3")])
    assert broker.channel._keys == {1: "1", 2: "3"}
    assert broker.batch.go_on() == []
    assert broker.confirms(2, multiple=True) == ["2"]
    assert broker.batch.outcome.confirmed == ["1", "3"]
    assert broker.batch.go_on() == []


def test_a_confirm_of_many_covers_all_tags_up_to_it_and_none_after():
    broker = Broker(*([outgoing(str(key))] for key in range(1, 6)))
    broker.confirms(3, multiple=True)
    assert broker.batch.outcome.confirmed == ["1", "2", "3"]
    broker.refuses(4)
    assert broker.batch.outcome.failed == {"4": Outcome.REFUSED}
    assert broker.batch.under_way


def test_a_confirm_of_an_unknown_tag_changes_nothing():
    broker = Broker([outgoing("1")])
    broker.channel._keys = {7: "1"}
    broker.confirms(3)
    broker.confirms(6, multiple=True)
    assert broker.batch.outcome.confirmed == []
    assert broker.batch.under_way


def test_a_returned_message_counts_as_failed_although_it_is_confirmed_and_its_lane_stops():
    broker = Broker([outgoing("1"), outgoing("2")])
    broker.channel._returned.add("1")
    assert broker.confirms(1) == []
    assert broker.batch.outcome.failed == {"1": Outcome.UNROUTABLE}
    assert not broker.batch.under_way


def test_a_confirm_of_many_tells_the_returned_ones_among_them_apart():
    broker = Broker(*([outgoing(str(key))] for key in range(1, 5)))
    broker.channel._returned |= {"2", "4"}
    broker.confirms(3, multiple=True)
    assert broker.batch.outcome.confirmed == ["1", "3"]
    assert broker.batch.outcome.failed == {"2": Outcome.UNROUTABLE}
    assert broker.channel._returned == {"4"}


def test_names_longer_than_the_wire_allows_are_counted_in_bytes():
    assert outgoing("1", "x" * 255).publishable
    assert not outgoing("1", "å" * 128).publishable


def test_rows_are_claimed_by_state_and_never_after_an_id_seen_before():
    assert "published_at IS NULL" in Q.waiting
    assert "id >" not in Q.waiting


def test_the_list_of_unheard_types_is_read_by_source(tmp_path):
    path = tmp_path / "unheard_events.json"
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
