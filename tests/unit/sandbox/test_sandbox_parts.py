"""The sandbox's parts one by one, without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client

from sandbox.app import Sandbox
from sandbox.control import _places
from sandbox.faults import MODES, Fault, FaultError, Faults
from sandbox.mailgun.letters import BadLetterError, addresses, check, option_bytes
from sandbox.runtime_settings import RuntimeSettings
from sandbox.settings import DEFAULT_KEYS, SandboxSettings, load
from sandbox.store import Store
from sandbox.tripletex import fields, listing, mapping
from sandbox.tripletex.errors import TripletexError
from sandbox.tripletex.hooks import _allowed, signature
from sandbox.tripletex.resources import MODELS
from sandbox.web import json_answer
from shared.clock import FixedClock
from shared.config import SettingError

pytestmark = pytest.mark.unit

NAMES = st.text(alphabet="abcdefghij", min_size=1, max_size=4)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none(), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=6
)


def write(tree: dict[str, Any]) -> str:
    return ",".join(name if inner is None else f"{name}({write(inner)})" for name, inner in tree.items())


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=3))
def test_a_fields_filter_is_read_as_it_was_written(tree: dict[str, Any]) -> None:
    assert fields.parse(write(tree)) == tree


@pytest.mark.parametrize("text", ["a(b", "a(b))", "a)", "a(b(c)", "(((((((((x)))))))))"])
def test_a_fields_filter_with_wrong_brackets_is_refused(text: str) -> None:
    with pytest.raises(TripletexError) as refused:
        fields.parse(text)
    assert (refused.value.status, refused.value.code) == (400, 11000)


def test_an_empty_fields_filter_asks_for_everything() -> None:
    view = fields.View("here/v2", lambda _model, _number: None)
    shown = view.show(MODELS["Contact"], {"id": 4, "version": 2, "firstName": "Kari"}, fields.parse(""))
    assert shown["firstName"] == "Kari"
    assert shown["url"] == "here/v2/contact/4"
    assert shown["lastName"] == ""
    assert "changes" not in shown
    assert "changes" in view.show(MODELS["Contact"], {"id": 4, "version": 2}, fields.parse("changes"))


def test_null_in_a_body_clears_and_a_reference_keeps_only_its_id() -> None:
    read = mapping.read(
        MODELS["Customer"],
        {"name": None, "currency": {"id": 1, "url": "x"}, "department": None, "version": 3, "id": 9},
        creating=False,
    )
    assert read.values == {"name": "", "currency": {"id": 1}, "department": None}
    assert (read.number, read.version) == (9, 3)


@pytest.mark.parametrize(
    ("text", "day"), [("2026-02-28", True), ("2026-02-29", False), ("28.02.2026", False), (7, False)]
)
def test_a_date_is_a_day_that_exists(text: Any, *, day: bool) -> None:
    assert mapping.is_date(text) is day


@pytest.mark.parametrize("text", ["", "a", "1,,2", "-1", "1;2"])
def test_a_list_of_ids_is_positive_numbers_with_commas(text: str) -> None:
    with pytest.raises(TripletexError) as refused:
        listing.ids(text, "no")
    assert refused.value.code == 12000
    assert listing.ids("1, 2,3", "no") == {1, 2, 3}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.com/x", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://user:pass@localhost/x", True),
        ("http://gateway:8000/x", True),
        ("http://example.com/x", False),
        ("http://127.0.0.1@example.com/", False),
        ("ftp://example.com", False),
    ],
)
def test_a_subscription_goes_to_https_or_stays_here(url: str, *, allowed: bool) -> None:
    assert _allowed(url) is allowed


def test_tripletex_signs_key_and_body_together() -> None:
    signed = signature("s", "k", b"body")
    assert signed != signature("s", "k", b"bodx")
    assert signed != signature("s", "x", b"body")
    assert len(signed) == 88


def test_a_full_collection_drops_its_oldest_and_counts_it() -> None:
    collection = Store().collection("x", limit=3)
    for number in range(5):
        collection.put(number, {"n": number})
    assert [document["n"] for document in collection] == [2, 3, 4]
    assert (len(collection), collection.dropped) == (3, 2)
    collection.put(2, {"n": 20})
    assert [document["n"] for document in collection] == [20, 3, 4]
    assert collection.get(0) is None
    assert collection.delete(0) is None


def test_counters_go_up_by_one() -> None:
    store = Store()
    assert [store.next("a", first=10), store.next("a", first=10), store.next("b")] == [10, 11, 1]


def test_a_fault_is_used_as_often_as_it_was_asked_for() -> None:
    faults = Faults(frozenset({"mailgun"}))
    faults.add(Fault(vendor="mailgun", mode="error", calls=2, method="POST", path="/messages"))
    faults.add(Fault(vendor="mailgun", mode="drop"))
    met = [faults.take("mailgun", *call) for call in
           [("GET", "/v3/x/events"), ("POST", "/v3/x/messages"), ("POST", "/v3/x/messages"),
            ("POST", "/v3/x/messages")]]  # fmt: skip
    assert [fault.mode if fault else None for fault in met] == ["drop", "error", "error", None]
    assert faults.waiting() == []


@pytest.mark.parametrize(
    "wrong", [{"mode": "x"}, {"calls": 0}, {"seconds": -1}, {"seconds": 121}, {"calls": 10**6}]
)
def test_an_impossible_fault_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FaultError):
        Fault(**{"vendor": "mailgun", "mode": "error", **wrong})


def test_every_mode_says_whether_the_call_was_carried_out() -> None:
    assert {name for name, mode in MODES.items() if mode.commits} == {
        "slow", "timeout_after_commit", "drop_accepted", "error_accepted", "bad_gateway_accepted",
    }  # fmt: skip


def test_a_knob_keeps_its_kind_of_value() -> None:
    runtime = RuntimeSettings(Store().collection("k"), "x", {"limit": 3, "twice": False, "names": []})
    assert runtime.turn({"limit": 1.5})["limit"] == 1.5
    for wrong in ({"limit": True}, {"limit": "3"}, {"twice": 1}, {"names": "a"}, {"other": 1}):
        with pytest.raises(ValueError, match=r"must be|unknown"):
            runtime.turn(wrong)
    assert runtime.all() == {"limit": 1.5, "twice": False, "names": []}


def letter(**changes: Any) -> MultiDict[str, str]:
    fields_of = {"from": "a@example.no", "to": "b@example.no", "subject": "s", "text": "t", **changes}
    return MultiDict((name, value) for name, value in fields_of.items() if value is not None)


@pytest.mark.parametrize(
    "address", ["b@example.no", "Kåre Ås <b@example.no>", '"Å, B" <b@example.no>', "b+x@e.no, c@e.no"]
)
def test_addresses_with_and_without_names_are_taken(address: str) -> None:
    check(letter(to=address))


@pytest.mark.parametrize("address", ["b", "b@", "@example.no", "b@example", "b c@example.no", "<>", "b@e.no, c"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadLetterError, match="to parameter is not a valid address"):
        check(letter(to=address))


def test_an_address_counts_once() -> None:
    assert addresses(["a@e.no, A <a@e.no>", "b@e.no"]) == ["a@e.no", "b@e.no"]


def test_a_template_may_bring_the_sender() -> None:
    check(letter(**{"from": None, "text": None, "template": "welcome"}))


def test_option_bytes_count_names_and_values_in_utf8() -> None:
    assert option_bytes(letter(**{"v:a": "ø", "o:tag": "x", "h:X": "", "other": "xxxx"})) == 5 + 6 + 3


def test_places_are_found_at_any_depth_and_in_names() -> None:
    document = {"a": ["x", {"b": "Kari"}], "kari": 1, "n": 17}
    assert _places(document, "kari", "") == [".kari", "a[1].b"]
    assert _places(document, "17", "") == ["n"]
    assert _places(document, "ola", "") == []


def test_the_path_secret_takes_its_place_in_the_address() -> None:
    settings = SandboxSettings(mailgun_webhook_path_secret="s3")
    for given_url, target in [
        ("http://g/webhooks/mailgun", "http://g/webhooks/mailgun/s3"),
        ("http://g/webhooks/mailgun/", "http://g/webhooks/mailgun/s3"),
        ("http://g/webhooks/mailgun/s3", "http://g/webhooks/mailgun/s3"),
        ("http://g/<secret>/x", "http://g/s3/x"),
        (None, None),
    ]:
        assert replace(settings, webhook_url=given_url).webhook_target() == target


@pytest.mark.parametrize("environment", [{}, {"VILKAR_ENVIRONMENT": "production"}, {"VILKAR_ENVIRONMENT": "x"}])
def test_settings_of_a_production_environment_are_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="demo and test only"):
        load(environment)


@pytest.mark.parametrize("port", ["x", "-1", "70000", ""])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingError, match="VILKAR_SANDBOX_PORT"):
        load({"VILKAR_ENVIRONMENT": "test", "VILKAR_SANDBOX_PORT": port})


def test_settings_are_read_from_the_environment() -> None:
    settings = load({
        "VILKAR_ENVIRONMENT": "demo", "VILKAR_SANDBOX_HOST": "::1", "VILKAR_SANDBOX_PORT": "9",
        "VILKAR_MAILGUN_DOMAIN": "a.no, b.no", "VILKAR_SANDBOX_WEBHOOK_URL": "http://g/h",
    })  # fmt: skip
    assert (settings.host, settings.port, settings.mailgun_domains) == ("::1", 9, ("a.no", "b.no"))
    assert settings.state_dir is None
    assert settings.mailgun_api_key == "sandbox-mailgun-api-key"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/tripletex/order/orderline", {"order": {"id": "x"}}),
        ("POST", "/tripletex/order/orderline", {"order": {}}),
        ("POST", "/mailgun/v1/analytics/logs", {"filter": {"AND": [7]}}),
        ("POST", "/mailgun/v1/analytics/logs", {"filter": {"AND": [{"attribute": [], "comparator": "="}]}}),
        ("POST", "/mailgun/v1/analytics/logs", {"pagination": [1]}),
        ("POST", "/mailgun/v1/analytics/logs", {"duration": "99999999999999h"}),
        ("GET", "/mailgun/v3/a.no/events/NQ", None),
        ("PUT", "/control/settings/mailgun", {"scenarios": 5}),
        ("POST", "/control/inbound", {"url": 1, "recipient": 2, "sender": 3, "subject": 4}),
        ("GET", "/tripletex/customer?count=%C2%B2", None),
        ("GET", "/register/enheter?size=%C2%B2", None),
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(method: str, path: str, body: Any) -> None:
    made = Sandbox(SandboxSettings(), FixedClock(datetime(2026, 3, 1, tzinfo=UTC)))
    user, key = ("api", DEFAULT_KEYS["mailgun_api_key"])
    if path.startswith("/tripletex"):
        made.store.collection("tripletex.session").put("t", {"expires": "2999-01-01"})
        user, key = ("0", "t")
    answer = Client(made).open(path, method=method, json=body, auth=(user, key))
    assert answer.status_code in (400, 404, 422), answer.text
    made.stop()


def test_half_a_letter_from_a_surrogate_pair_is_answered() -> None:
    answer = json_answer({"name": "\ud800"})
    assert answer.get_data() == b'{"name": "?"}'
