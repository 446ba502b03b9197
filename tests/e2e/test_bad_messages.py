"""Messages on the bus that nobody can handle: set aside with their bytes, until staff decide."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

import amqp
import pytest

from shared.system import SERVICES
from tests.bad_input import VALUES, put
from tests.e2e.event_tap import channel_to
from tests.plugins.system import STAFF
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def publish(system, source, event_type, body, **properties):
    """Publish as the relay would: nobody else is believed, and these are to fail for what they are."""
    message = amqp.basic_message.Message(
        body, **{"content_type": "application/json", "delivery_mode": 2, "user_id": "relay"} | properties
    )
    uri = urlsplit(system.broker_uri)
    as_relay = f"relay:{system.secret('relay', 'broker_password')}@{uri.hostname}:{uri.port}"
    with channel_to(uri._replace(netloc=as_relay).geturl()) as channel:
        channel.basic_publish_confirm(message, f"{source}.events", event_type, mandatory=True, confirm_timeout=10)


def envelope(event_type, data, *, source="account", version=1):
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": source,
        "type": event_type,
        "time": datetime(2026, 11, 22, 9, tzinfo=UTC).isoformat(),
        "subject": "account/" + data.get("account_id", "none"),
        "datacontenttype": "application/json",
        "dataversion": version,
        "correlationid": str(uuid4()),
        "data": data,
    }


@pytest.fixture
def listed(system):
    """The parked messages of all services, as plain nameko calls tell it; what is left at the end is discarded."""

    def look(state="parked"):
        with system.bus() as bus:
            return [
                {"service": name, **row}
                for name in SERVICES
                for row in bus[name].parked_list(state=state)["parked"]
            ]

    before = {row["id"] for row in look()}
    yield lambda state="parked": [row for row in look(state) if row["id"] not in before]
    with system.bus() as bus:
        for row in look():
            if row["id"] not in before:
                bus[row["service"]].parked_discard(parked_id=row["id"], reason="outdated")


def test_an_event_of_an_unknown_version_is_parked_by_each_listener_and_nothing_comes_of_it(system, listed):
    account_id = str(uuid4())
    publish(system, "account", "account.deactivated", json.dumps(envelope(
        "account.deactivated", {"account_id": account_id, "trigger": "customer"}, version=77
    )))  # fmt: skip
    parked = until(lambda: len(found := listed()) == 3 and found, what="parked by all three listeners")
    assert {row["service"] for row in parked} == {"audit", "billing-sync", "retention"}
    assert {(row["type"], row["error_class"], row["attempts"]) for row in parked} == {
        ("account.deactivated", "UnknownVersionError", 1)
    }
    with system.bus() as bus:
        assert bus.retention.timeline(account_id=account_id)["erasures"] == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\x80\x04\x95not json at all", "application/json"),
        (b'{"specversion": "1.0", "id": ', "application/json"),
        (b"\x80\x04K\x01.", "application/x-python-serialize"),
        (b"[1, 2]", "application/json"),
    ],
    ids=["bytes", "cut off", "a pickle", "a list"],
)
def test_an_undecodable_message_is_parked_with_its_bytes(system, listed, body, content_type):
    publish(system, "retention", "erasure.cancelled", body, content_type=content_type)
    parked = until(lambda: len(found := listed()) == 2 and found, what="parked by both listeners")
    for row in parked:
        assert system.rows(row["service"], "SELECT body FROM parked WHERE id = %s", row["id"]) == [(body,)]
    # Those who listen go on: nothing is stuck behind it.
    with system.bus() as bus:
        assert bus.notification.ping()["service"] == "notification"


def test_after_every_kind_of_bad_message_the_next_good_one_is_heard(system, listed):
    """What cannot be read neither stops the queue it came in nor is lost: it is set aside or understood."""
    data = {"clock_id": str(uuid4()), "account_id": str(uuid4()), "user_id": None, "reason": "reactivated"}
    sample = envelope("erasure.cancelled", data, source="retention")
    places = ("id", "time", "dataversion", "data", "subject")
    for turn, (what, value) in enumerate(VALUES.items()):
        at = places[turn % len(places)]
        changed = put(sample | {"id": str(uuid4())}, (at,), value)
        publish(system, "retention", "erasure.cancelled", json.dumps(changed))
        assert what
    good = envelope("erasure.cancelled", data | {"clock_id": str(uuid4())}, source="retention")
    publish(system, "retention", "erasure.cancelled", json.dumps(good))
    query = "SELECT count(*) FROM trail WHERE event_id = %s"
    until(lambda: system.rows("audit", query, good["id"]) == [(1,)], what="a row of the trail", seconds=60)
    assert listed(), "nothing was set aside"


def test_staff_list_show_replay_and_discard_parked_messages(system, listed):
    body = b'{"specversion": "1.0", "til": "\xc3\xa6\xc3\xb8\xc3\xa5"}'
    publish(system, "retention", "erasure.reminder_due", body)
    parked = until(lambda: len(found := listed()) == 2 and found, what="parked by both listeners")
    ids = {row["service"]: row["id"] for row in parked}
    seen = {row["id"]: row for row in system.vilkar("parked", "list")}
    assert {row["id"] for row in parked} <= seen.keys()
    assert seen[ids["audit"]]["reason"]
    shown = system.vilkar("parked", "show", ids["audit"])
    assert shown == {**seen[ids["audit"]], "service": "audit"}, "what it says leaves its service for nobody"

    # Sent again it comes to the queue it failed in, fails as before, and is parked anew.
    replayed = system.vilkar("parked", "replay", ids["audit"])
    assert replayed == [
        {
            "id": ids["audit"],
            "service": "audit",
            "queue": "evt-retention-erasure.reminder_due--audit",
        }
    ]
    again = until(
        lambda: [r for r in listed() if r["service"] == "audit" and r["id"] != ids["audit"]], what="parked anew"
    )
    assert [row["consumer"] for row in again] == [replayed[0]["queue"]]

    # Discarded it is gone from the list, with who did it and why; and no decision is made twice.
    for parked_id in (again[0]["id"], ids["notification"]):
        discarded = system.vilkar("parked", "discard", parked_id, "--reason", "sent_by_mistake", "--yes")
        assert discarded["state"] == "discarded"
    assert listed() == []
    decided = {row["id"]: row for row in listed("discarded")}[ids["notification"]]
    assert (decided["decided_by"], decided["note"]) == (f"staff:{STAFF}", "sent_by_mistake")
    assert system.command("parked", "replay", ids["notification"], "--json").returncode == 2


def test_a_replayed_event_that_can_be_handled_now_is_handled_once(system, listed):
    from tests.e2e.people import Company

    company = Company(system).move_in()
    # Its listener meets a company that it does not know how to count: the day is missing.
    data = {"clock_id": str(uuid4()), "account_id": company.account_id, "user_id": None, "reason": "reactivated"}
    good = envelope("erasure.cancelled", data, source="retention")
    publish(system, "retention", "erasure.cancelled", json.dumps(good), content_type="text/plain")
    parked = until(lambda: len(found := listed()) == 2 and found, what="parked by both listeners")
    audit = next(row for row in parked if row["service"] == "audit")
    # A person mends what made it fail (here: another message with the same id and the right label) …
    publish(system, "retention", "erasure.cancelled", json.dumps(good))
    query = "SELECT count(*) FROM trail WHERE event_id = %s"
    until(lambda: system.rows("audit", query, good["id"]) == [(1,)], what="a row of the trail")
    # … and what is sent again besides changes nothing.
    system.vilkar("parked", "replay", audit["id"])
    publish(system, "retention", "erasure.cancelled", json.dumps(good))
    until(lambda: system.rows("audit", "SELECT count(*) FROM intake") == [(0,)], what="nothing waiting")
    assert system.rows("audit", query, good["id"]) == [(1,)]
