"""Mailgun's habits over real HTTP: what follows a letter, look-ups, suppressions, retention."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from sandbox.server import start
from shared.clock import FixedClock
from tests.plugins.sandbox_clients import DOMAIN, MailgunClient
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration


@pytest.fixture
def mailgun(sandbox: RunningSandbox) -> MailgunClient:
    sandbox.configure("mailgun", late_event_seconds=0.05, delivery_delay_seconds=0.02)
    return MailgunClient(sandbox)


@pytest.fixture
def dated() -> Iterator[tuple[MailgunClient, FixedClock]]:
    clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    running = start(clock=clock)
    yield MailgunClient(running), clock
    running.stop()


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("kari", ["accepted", "delivered"]),
        ("bounce", ["accepted", "permanent failed"]),
        ("tempfail+2", ["accepted", "temporary failed", "delivered"]),
        ("complain+kari", ["accepted", "delivered", "complained"]),
        ("delayed-bounce+1", ["accepted", "delivered", "permanent failed"]),
        ("suppressed", ["accepted", "permanent failed"]),
        ("unsubscribe+x", ["accepted", "delivered", "unsubscribed"]),
        ("silent", ["accepted"]),
        ("bouncer", ["accepted", "delivered"]),
    ],
)
def test_the_local_part_decides_what_becomes_of_a_letter(
    mailgun: MailgunClient, local: str, expected: list[str]
) -> None:
    address = f"{local}@example.com"
    assert mailgun.send(address).status_code == 200
    until(lambda: len(mailgun.kinds(address)) == len(expected))
    time.sleep(0.1)
    assert mailgun.kinds(address) == expected


def test_the_id_has_angle_brackets_and_events_have_none(mailgun: MailgunClient) -> None:
    number = mailgun.send().json()["id"]
    assert number.startswith("<")
    assert number.endswith(f"@{DOMAIN}>")
    found = mailgun.events(**{"message-id": number.strip("<>")})
    assert found[0]["message"]["headers"]["message-id"] == number.strip("<>")


def test_a_bounced_address_is_suppressed_until_somebody_deletes_the_entry(mailgun: MailgunClient) -> None:
    mailgun.send("bounce@example.com")
    until(lambda: mailgun.call("GET", f"/v3/{DOMAIN}/bounces/bounce@example.com").ok)
    mailgun.send("bounce@example.com")
    reasons = until(lambda: [e["reason"] for e in mailgun.events(event="failed", ascending="yes")][1:])
    assert reasons == ["suppress-bounce"]
    assert mailgun.call("DELETE", f"/v3/{DOMAIN}/bounces/BOUNCE@example.com").status_code == 200
    assert mailgun.call("GET", f"/v3/{DOMAIN}/bounces/bounce@example.com").status_code == 404


@pytest.mark.parametrize(("table", "code"), [("bounces", 605), ("unsubscribes", 606), ("complaints", 607)])
def test_each_suppression_has_its_own_code(mailgun: MailgunClient, table: str, code: int) -> None:
    mailgun.call("POST", f"/v3/{DOMAIN}/{table}", data={"address": "kari@example.com"})
    assert mailgun.send("Kari@example.com").status_code == 200
    failed = until(lambda: mailgun.events(event="failed"))[0]
    assert failed["delivery-status"]["code"] == code


def test_a_suppression_counts_for_its_own_domain_only(mailgun: MailgunClient) -> None:
    mailgun.call("POST", "/v3/other.example.no/bounces", data={"address": "kari@example.com"})
    mailgun.send("kari@example.com")
    until(lambda: mailgun.kinds("kari@example.com") == ["accepted", "delivered"])


def test_who_unsubscribed_from_one_tag_gets_the_other_letters(mailgun: MailgunClient) -> None:
    mailgun.call("POST", f"/v3/{DOMAIN}/unsubscribes", json=[{"address": "kari@example.com", "tags": ["news"]}])
    mailgun.send("kari@example.com", **{"o:tag": "news"})
    mailgun.send("kari@example.com", **{"o:tag": "notice"})
    until(lambda: len(mailgun.events()) == 4)
    assert [event["tags"] for event in mailgun.events(event="failed")] == [["news"]]
    assert [event["tags"] for event in mailgun.events(event="delivered")] == [["notice"]]


def test_a_configured_scenario_beats_the_local_part(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    sandbox.configure("mailgun", scenarios={"Bounce@example.com": "silent"})
    mailgun.send("bounce@example.com")
    time.sleep(0.15)
    assert mailgun.kinds("bounce@example.com") == ["accepted"]


def test_several_recipients_each_have_their_own_events(mailgun: MailgunClient) -> None:
    mailgun.send("kari@example.com, bounce@example.com", cc="Ola <ola@example.com>")
    until(lambda: len(mailgun.events()) == 6)
    assert mailgun.kinds("ola@example.com") == ["accepted", "delivered"]
    assert mailgun.kinds("bounce@example.com") == ["accepted", "permanent failed"]


def test_multipart_with_repeated_keys_and_files_is_understood(
    mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    parts = [
        ("from", (None, f"post@{DOMAIN}")),
        ("to", (None, "kari@example.com")),
        ("to", (None, "ola@example.com")),
        ("subject", (None, "Blåbær")),
        ("text", (None, "tekst")),
        ("o:tag", (None, "a")),
        ("o:tag", (None, "b")),
        ("attachment", ("vilkår.txt", b"innhold", "text/plain")),
        ("attachment", (None, "a part without a name is dropped")),
    ]
    answer = mailgun.call("POST", f"/v3/{DOMAIN}/messages", files=parts)
    assert answer.status_code == 200, answer.text
    letter = sandbox.letters()[0]
    assert letter["recipients"] == ["kari@example.com", "ola@example.com"]
    assert letter["tags"] == ["a", "b"]
    assert letter["subject"] == "Blåbær"
    assert letter["attachments"] == [{"filename": "vilkår.txt", "content-type": "text/plain", "size": 7}]


def test_a_gzipped_body_is_understood(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    form = urlencode({"from": f"a@{DOMAIN}", "to": "kari@example.com", "subject": "Zip", "text": "t"}).encode()
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    answer = mailgun.call("POST", f"/v3/{DOMAIN}/messages", data=gzip.compress(form), headers=headers)
    assert answer.status_code == 200, answer.text
    assert sandbox.letters()[0]["subject"] == "Zip"


def test_send_options_are_limited_to_16_kb_together(mailgun: MailgunClient) -> None:
    exactly = {"v:a": "x" * (8 * 1024 - 3), "h:b": "x" * (8 * 1024 - 3)}
    assert mailgun.send(**exactly).status_code == 200
    assert mailgun.send(**exactly, **{"o:tag": ""}).status_code == 400


@pytest.mark.parametrize("auth", [None, ("api", "wrong"), ("someone", "sandbox-mailgun-api-key")])
def test_without_the_right_key_the_answer_is_a_bare_string(
    mailgun: MailgunClient, auth: tuple[str, str] | None
) -> None:
    answer = mailgun.call("POST", f"/v3/{DOMAIN}/messages", auth=auth)
    assert (answer.status_code, answer.json()) == (401, "Forbidden")
    other = mailgun.call("GET", f"/v3/{DOMAIN}/events", auth=auth)
    assert (other.status_code, other.json()) == (401, {"message": "Invalid private key"})


def test_a_wrong_path_is_not_answered_in_json(mailgun: MailgunClient) -> None:
    answer = mailgun.call("GET", "/v3/no/such/path")
    assert answer.status_code == 404
    assert not answer.headers["Content-Type"].startswith("application/json")


def test_events_come_in_pages_and_an_empty_one_is_the_end(mailgun: MailgunClient) -> None:
    for number in range(7):
        mailgun.send(f"silent+{number}@example.com")
    seen: list[str] = []
    page = mailgun.call("GET", f"/v3/{DOMAIN}/events", params={"limit": 3, "ascending": "yes"}).json()
    for _ in range(10):
        if not page["items"]:
            break
        seen += [event["recipient"] for event in page["items"]]
        page = mailgun.call("GET", page["paging"]["next"].removeprefix(mailgun.url)).json()
    assert seen == [f"silent+{number}@example.com" for number in range(7)]
    back = mailgun.call("GET", page["paging"]["previous"].removeprefix(mailgun.url)).json()
    assert [event["recipient"] for event in back["items"]][-1] == "silent+5@example.com"


def test_begin_without_end_needs_a_direction(mailgun: MailgunClient) -> None:
    assert mailgun.call("GET", f"/v3/{DOMAIN}/events", params={"begin": "1"}).status_code == 400
    assert mailgun.call("GET", f"/v3/{DOMAIN}/events", params={"limit": "301"}).status_code == 400


def test_events_are_found_by_recipient_tag_severity_and_time(
    mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    mailgun.send("kari@example.com", **{"o:tag": "farewell"})
    mailgun.send("tempfail@example.com")
    until(lambda: len(mailgun.events()) == 5)
    assert {e["recipient"] for e in mailgun.events(tags="farewell")} == {"kari@example.com"}
    assert [e["recipient"] for e in mailgun.events(severity="temporary")] == ["tempfail@example.com"]
    assert len(mailgun.events(event="delivered OR failed")) == 3
    now = sandbox.sandbox.clock.now().timestamp()
    assert mailgun.events(begin=str(now + 60), ascending="yes") == []
    assert len(mailgun.events(begin=str(now - 60), end=str(now + 60))) == 5


def test_events_can_be_invisible_for_a_while(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    sandbox.configure("mailgun", events_hidden_seconds=0.4)
    mailgun.send("silent@example.com")
    assert mailgun.events(recipient="silent@example.com") == []
    assert until(lambda: mailgun.events(recipient="silent@example.com"))


@pytest.mark.parametrize(
    "form", ["n-17", "notification_id:n-17", "notification_id=n-17", '{"notification_id": "n-17"}']
)
def test_logs_find_an_event_by_user_variable_however_it_is_spelt(mailgun: MailgunClient, form: str) -> None:
    mailgun.send("silent@example.com", **{"v:notification_id": "n-17"})
    mailgun.send("silent+2@example.com", **{"v:notification_id": "n-18"})
    where = {"attribute": "user_variables", "comparator": "=", "values": [{"label": form, "value": form}]}
    found = mailgun.call("POST", "/v1/analytics/logs", json={"duration": "1h", "filter": {"AND": [where]}}).json()
    assert [item["recipient"] for item in found["items"]] == ["silent@example.com"]


def test_logs_filter_by_message_recipient_and_tag_and_go_on_by_token(mailgun: MailgunClient) -> None:
    ids = [mailgun.send(f"silent+{n}@example.com", **{"o:tag": "t"}).json()["id"].strip("<>") for n in range(3)]

    def logs(attribute: str, value: str, **paging: object) -> dict[str, list[dict[str, str]]]:
        where = {"attribute": attribute, "comparator": "=", "values": [{"label": "", "value": value}]}
        body = {"duration": "1d", "filter": {"AND": [where]}, "pagination": {"limit": 2, **paging}}
        found: dict[str, list[dict[str, str]]] = mailgun.call("POST", "/v1/analytics/logs", json=body).json()
        return found

    assert len(logs("message_id", ids[0])["items"]) == 1
    assert len(logs("recipient", "silent+1@example.com")["items"]) == 1
    first = logs("tag", "t")
    second = logs("tag", "t", token=first["pagination"]["next"])  # type: ignore[call-overload]
    assert [item["recipient"] for item in first["items"] + second["items"]] == [
        f"silent+{n}@example.com" for n in (2, 1, 0)
    ]


def test_stored_messages_and_events_end_when_their_time_is_over(dated: tuple[MailgunClient, FixedClock]) -> None:
    mailgun, clock = dated
    mailgun.send("silent@example.com")
    key = mailgun.events()[0]["storage"]["key"]
    stored = f"/v3/domains/{DOMAIN}/messages/{key}"
    clock.move(timedelta(days=2, hours=23))
    assert mailgun.call("GET", stored).json()["body-plain"] == "Brødtekst"
    clock.move(timedelta(hours=2))
    gone = mailgun.call("GET", stored)
    assert (gone.status_code, gone.json()) == (404, {"message": "Message not found"})
    assert len(mailgun.events()) == 1
    clock.move(timedelta(days=27))
    assert mailgun.events() == []


def test_only_known_domains_may_send_where_some_are_named() -> None:
    from dataclasses import replace

    from sandbox.settings import SandboxSettings

    running = start(settings=replace(SandboxSettings(), mailgun_domains=("mail.nogd.no",)))
    try:
        answer = MailgunClient(running).send()
        assert (answer.status_code, answer.json()) == (404, {"message": f"Domain not found: {DOMAIN}"})
    finally:
        running.stop()
