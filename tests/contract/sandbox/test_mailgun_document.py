"""Mailgun's stand-in against Mailgun's own document and payloads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.mailgun.webhooks import sign
from tests.plugins.sandbox_clients import DOMAIN, MailgunClient
from tests.plugins.vendor_documents import VendorDocument
from tests.waiting import until

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def document() -> VendorDocument:
    return VendorDocument("mailgun")


@pytest.fixture
def mailgun(sandbox: RunningSandbox) -> MailgunClient:
    return MailgunClient(sandbox)


def agrees(document: VendorDocument, answer: Any, path: str) -> None:
    method = answer.request.method
    complaints = document.answer_complaints(method, path, answer.status_code, answer.text)
    assert complaints == []


def test_answers_to_sending_have_the_documented_shape(document: VendorDocument, mailgun: MailgunClient) -> None:
    path = f"/v3/{DOMAIN}/messages"
    taken = mailgun.send()
    agrees(document, taken, path)
    assert set(taken.json()) == set(document.payload("send-200.json"))
    agrees(document, mailgun.send(to=None), path)
    agrees(document, mailgun.call("POST", path, auth=("api", "wrong")), path)


def test_every_documented_400_text_is_given_for_its_mistake(
    document: VendorDocument, mailgun: MailgunClient
) -> None:
    many = [f"a{number}@example.com" for number in range(1001)]
    mistakes: list[dict[str, Any]] = [
        {"from": None},
        {"to": None},
        {"to": "nobody at all"},
        {"text": None},
        {"html": "<p>x</p>", "template": "t"},
        {"v:big": "x" * 16_400},
        {"to": many},
        {"recipient-variables": "{not json"},
    ]
    given = [mailgun.send(**{"to": "kari@example.com", **mistake}) for mistake in mistakes]
    assert [answer.status_code for answer in given] == [400] * len(mistakes)
    documented = [e["body"] for e in document.payload("send-errors.json") if e["status"] == 400]
    assert [answer.json() for answer in given] == documented


def test_every_kind_of_event_has_the_documented_shape(
    document: VendorDocument, mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    sandbox.configure("mailgun", late_event_seconds=0.05)
    names = ["kari", "bounce", "tempfail", "complain", "delayed-bounce", "suppressed", "unsubscribe", "rejected"]
    for name in names:
        assert mailgun.send(f"{name}+x@example.com", **{"v:notification_id": "n-1", "o:tag": ["a", "b"]}).ok
    until(lambda: not sandbox.sandbox.scheduler.pending())
    answer = mailgun.call("GET", f"/v3/{DOMAIN}/events", params={"limit": 300, "ascending": "yes"})
    agrees(document, answer, f"/v3/{DOMAIN}/events")
    kinds = {(e["event"], e.get("severity")) for e in answer.json()["items"]}
    assert len(kinds) == 7
    assert {("failed", "temporary"), ("failed", "permanent"), ("rejected", None)} <= kinds


def test_an_events_page_has_the_keys_of_the_documented_one(
    document: VendorDocument, mailgun: MailgunClient
) -> None:
    documented = document.payload("events-page-empty.json")
    empty = mailgun.call("GET", f"/v3/{DOMAIN}/events").json()
    assert set(empty) == set(documented)
    assert set(empty["paging"]) == set(documented["paging"])


def test_logs_have_the_documented_shape(document: VendorDocument, mailgun: MailgunClient) -> None:
    mailgun.send(**{"v:notification_id": "n-1"})
    asked = {"duration": "1d", "events": ["accepted"], "pagination": {"limit": 10, "sort": "timestamp:asc"}}
    answer = mailgun.call("POST", "/v1/analytics/logs", json=asked)
    agrees(document, answer, "/v1/analytics/logs")
    assert answer.json()["pagination"]["total"] == 1
    refused = mailgun.call("POST", "/v1/analytics/logs", json={"duration": "a while"})
    agrees(document, refused, "/v1/analytics/logs")
    assert refused.status_code == 400


@pytest.mark.parametrize("table", ["bounces", "unsubscribes", "complaints"])
def test_suppressions_have_the_documented_shapes_and_texts(
    document: VendorDocument, mailgun: MailgunClient, table: str
) -> None:
    all_of = f"/v3/{DOMAIN}/{table}"
    one = f"{all_of}/kari@example.com"
    for answer, path in [
        (mailgun.call("POST", all_of, data={"address": "kari@example.com"}), all_of),
        (mailgun.call("POST", all_of, json=[{"address": "a@example.com"}, {"address": "b@example.com"}]), all_of),
        (mailgun.call("POST", all_of, json=[{"address": "a@example.com"}] * 1001), all_of),
        (mailgun.call("GET", all_of), all_of),
        (mailgun.call("GET", one), one),
        (mailgun.call("DELETE", one), one),
        (mailgun.call("DELETE", one), one),
        (mailgun.call("GET", one), one),
        (mailgun.call("DELETE", all_of), all_of),
    ]:
        agrees(document, answer, path)
    unknown = {
        "bounces": "bounce_get_404",
        "unsubscribes": "unsubscribe_get_404",
        "complaints": "complaint_get_404",
    }
    assert mailgun.call("GET", one).json() == document.payload("suppressions.json")[unknown[table]]


def test_a_stored_message_has_the_documented_shape(document: VendorDocument, mailgun: MailgunClient) -> None:
    mailgun.send(html="<p>Hei</p>")
    key = mailgun.events(event="accepted")[0]["storage"]["key"]
    path = f"/v3/domains/{DOMAIN}/messages/{key}"
    answer = mailgun.call("GET", path)
    agrees(document, answer, path)
    assert set(answer.json()) == set(document.payload("stored-message-200.json"))
    agrees(document, mailgun.call("GET", path + "x"), path)


def test_the_signature_is_the_one_of_the_vectors(document: VendorDocument) -> None:
    vectors = document.payload("signature-vectors.json")
    for vector in vectors["vectors"]:
        made = sign(vectors["signing_key"], timestamp=vector["timestamp"], token=vector["token"])
        assert made == vector["signature"]


@pytest.mark.parametrize(
    ("recipient", "place", "payload"),
    [
        ("kari@example.com", 0, "webhook-accepted.json"),
        ("kari@example.com", 1, "webhook-delivered.json"),
        ("bounce@example.com", 1, "webhook-failed-permanent-bounce.json"),
        ("suppressed@example.com", 1, "webhook-failed-permanent-suppress-bounce.json"),
        ("delayed-bounce@example.com", 2, "webhook-failed-permanent-delayed-bounce.json"),
        ("tempfail@example.com", 1, "webhook-failed-temporary-greylisted.json"),
        ("complain@example.com", 2, "webhook-complained.json"),
        ("unsubscribe@example.com", 2, "webhook-unsubscribed.json"),
        ("rejected@example.com", 0, "webhook-rejected.json"),
    ],
)
def test_an_event_has_every_field_of_the_recorded_one(
    document: VendorDocument,
    mailgun: MailgunClient,
    sandbox: RunningSandbox,
    recipient: str,
    place: int,
    payload: str,
) -> None:
    sandbox.configure("mailgun", late_event_seconds=0.05)
    mailgun.send(recipient)
    event = until(lambda: mailgun.events(ascending="yes")[place:])[0]
    body = sandbox.sandbox.mailgun.webhooks.body(event, "t" * 50)
    recorded = document.payload(payload)
    assert set(body["signature"]) == set(recorded["signature"])
    theirs = recorded["event-data"]
    assert set(theirs) - set(event) - {"recipient-provider"} == set()
    assert {name: event[name] for name in ("event", "severity", "reason") if name in theirs} == {
        name: theirs[name] for name in ("event", "severity", "reason") if name in theirs
    }
    if "delivery-status" in theirs:
        assert event["delivery-status"]["code"] == theirs["delivery-status"]["code"]
        assert set(theirs["delivery-status"]) - set(event["delivery-status"]) == set()
    assert set(theirs["message"]["headers"]) - set(event["message"]["headers"]) == set()


def test_what_was_sent_agrees_with_the_document(
    document: VendorDocument, mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    mailgun.send(**{"o:tag": "x", "h:Reply-To": "a@example.com", "v:id": "1", "html": "<p>x</p>"})
    mailgun.call("GET", f"/v3/{DOMAIN}/events", params={"ascending": "yes", "begin": "1"})
    assert [document.request_complaints(call) for call in sandbox.calls("mailgun")] == [[], []]
    mailgun.send(nonsense="1")
    assert document.request_complaints(sandbox.calls("mailgun")[-1]) == ["unknown field nonsense"]


def test_calls_and_answers_survive_as_json(sandbox: RunningSandbox, mailgun: MailgunClient) -> None:
    mailgun.send(subject="Ærlig talt")
    call = sandbox.calls("mailgun")[0]
    assert json.loads(call["answer"])["message"] == "Queued. Thank you."
    assert "subject=Ærlig talt" in call["request"]
