"""Our readers on every recorded and documented payload of Mailgun."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.notification.mailgun.client import (
    Accepted,
    Refused,
    Throttled,
    Unknown,
    outcome_of_answer,
)
from services.notification.mailgun.rules import (
    signal_of,
    signature_is_mailguns,
    suppression_from,
    webhook_is_timely,
)
from services.notification.mailgun.values import Signal, VendorEvent
from services.notification.mailgun.vendor_events import read_event, read_webhook
from services.notification.suppressions.values import SuppressionKind
from shared.errors import Invalid
from tests.plugins.vendor_documents import FOLDER, VendorDocument

pytestmark = pytest.mark.contract
NOW = datetime(2027, 1, 1, tzinfo=UTC)

PAYLOADS = FOLDER / "payloads" / "mailgun"


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("mailgun")


MEANINGS = {
    "webhook-accepted": (Signal.ACCEPTED, None),
    "webhook-clicked": (None, None),
    "webhook-complained": (Signal.COMPLAINED, SuppressionKind.COMPLAINT),
    "webhook-delivered-recorded": (Signal.DELIVERED, None),
    "webhook-delivered": (Signal.DELIVERED, None),
    "webhook-failed-permanent-bounce": (Signal.BOUNCED, SuppressionKind.BOUNCE),
    "webhook-failed-permanent-delayed-bounce": (Signal.BOUNCED, SuppressionKind.BOUNCE),
    "webhook-failed-permanent-suppress-bounce": (Signal.BOUNCED, SuppressionKind.BOUNCE),
    "webhook-failed-temporary-greylisted": (Signal.DEFERRED, None),
    "webhook-failed-temporary-no-mx": (Signal.DEFERRED, None),
    "webhook-failed-temporary": (Signal.DEFERRED, None),
    "webhook-opened-recorded": (None, None),
    "webhook-opened": (None, None),
    "webhook-rejected-recorded": (Signal.REJECTED, None),
    "webhook-rejected": (Signal.REJECTED, None),
    "webhook-stored": (None, None),
    "webhook-unsubscribed": (Signal.UNSUBSCRIBED, None),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_a_webhook_is_read_believed_and_understood(document, name: str) -> None:
    data = document.payload(f"{name}.json")
    key = document.payload("signature-vectors.json")["signing_key"]
    webhook = read_webhook(json.dumps(data))
    assert signature_is_mailguns(key, webhook.signature)
    at = datetime.fromtimestamp(int(webhook.signature.timestamp), UTC)
    assert webhook_is_timely(webhook.signature.timestamp, at + timedelta(hours=8))
    assert not webhook_is_timely(webhook.signature.timestamp, at + timedelta(hours=10))
    assert abs(webhook.event.at - at) < timedelta(seconds=2)
    assert webhook.event.message_id
    assert "<" not in webhook.event.message_id
    assert (signal_of(webhook.event), suppression_from(webhook.event)) == MEANINGS[name]


def test_no_recorded_webhook_is_left_out(document: VendorDocument) -> None:
    names = {path.stem for path in PAYLOADS.glob("webhook-*.json")}
    assert names == set(MEANINGS)


@pytest.mark.parametrize("name", MEANINGS)
def test_what_a_webhook_says_of_a_person_is_not_shown(document, name: str) -> None:
    event = read_webhook(json.dumps(document.payload(f"{name}.json"))).event
    if event.recipient:
        assert event.recipient not in repr(event)
    assert not hasattr(event, "ip")


def test_every_event_of_a_page_is_read(document) -> None:
    items = document.payload("events-page.json")["items"]
    events = [read_event(item, told_at=NOW) for item in items]
    assert [event.name for event in events] == ["accepted", "delivered"]
    assert events[0].message_id == events[1].message_id
    assert document.payload("events-page-empty.json")["items"] == []


def test_an_event_of_the_logs_is_read(document) -> None:
    (item,) = document.payload("analytics-logs-200.json")["items"]
    event = read_event(item, told_at=NOW)
    assert (event.name, event.code, event.letter_id) == ("failed", 680, None)
    assert event.at == datetime(2024, 7, 8, 16, 30, 18, 530000, tzinfo=UTC)


def test_the_receipt_is_read(document) -> None:
    body = json.dumps(document.payload("send-200.json")).encode()
    now = datetime(2021, 12, 20, 20, 33, 0, tzinfo=UTC)
    assert outcome_of_answer(200, {}, body, now) == Accepted("20111114174239.25659.5817@samples.mailgun.org")


def test_every_documented_refusal_has_its_outcome(document) -> None:
    now = datetime(2021, 12, 20, 20, 33, 0, tzinfo=UTC)
    outcomes = []
    for answer in document.payload("send-errors.json"):
        body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
        outcomes.append((answer["status"], outcome_of_answer(answer["status"], {}, body.encode(), now)))
    for status, outcome in outcomes:
        match status:
            case 400:
                assert outcome in (Refused(400, "letter_refused"), Refused(400, "address_refused"))
            case 413:
                assert outcome == Refused(413, "letter_refused")
            case 429:
                assert isinstance(outcome, Throttled)
            case 500:
                assert outcome == Unknown("answer_500")
            case _:
                assert outcome == Refused(status)
    waits = [outcome.wait for _, outcome in outcomes if isinstance(outcome, Throttled)]
    assert waits == [timedelta(seconds=21), timedelta(seconds=120), None]


@pytest.mark.parametrize("variables", [{}, [], "", "[]", "not json", None, 7, {"notification_id": "x"}])
def test_empty_and_odd_variables_name_no_letter(variables) -> None:
    event = read_event({"event": "accepted", "timestamp": 1.0, "user-variables": variables}, told_at=NOW)
    assert event.letter_id is None


@pytest.mark.parametrize("as_text", [True, False])
def test_our_own_id_is_found_as_object_and_as_text(as_text: bool) -> None:
    variables = {"notification_id": "0192f6c0-0000-7000-8000-000000000001"}
    given = json.dumps(variables) if as_text else variables
    event = read_event({"event": "accepted", "timestamp": 1.0, "user-variables": given}, told_at=NOW)
    assert str(event.letter_id) == variables["notification_id"]


@pytest.mark.parametrize(
    "body",
    [
        "", "null", "[]", "{}",
        '{"signature": {}}', "[" * 5000, '{"signature": null, "event-data": {}}', "x" * 300_000,
        '{"signature":{"timestamp":"now","token":"t","signature":"' + "0" * 64 + '"},"event-data":{}}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_webhook_is_refused_and_never_breaks_us(body: str) -> None:
    with pytest.raises(Invalid):
        read_webhook(body)


def test_the_same_event_has_the_same_identity_with_another_token() -> None:
    at = datetime(2027, 1, 1, tzinfo=UTC)
    one = VendorEvent(name="delivered", at=at, id="a", message_id="m")
    assert one.identity == VendorEvent(name="delivered", at=at, id="a", message_id="m", code=250).identity
    assert (
        one.identity != VendorEvent(name="delivered", at=at + timedelta(seconds=1), id="a", message_id="m").identity
    )
    assert one.identity != VendorEvent(name="delivered", at=at, id="b", message_id="m").identity
