"""Every way in which a vendor can be told to fail, seen from the caller's side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from tests.plugins.sandbox_clients import DOMAIN, MailgunClient, TripletexClient

if TYPE_CHECKING:
    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration


@pytest.fixture
def mailgun(sandbox: RunningSandbox) -> MailgunClient:
    return MailgunClient(sandbox)


def test_200_after_sleeping_past_the_callers_limit_has_sent_the_letter(
    mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    sandbox.fail("mailgun", "slow", seconds=0.6)
    with pytest.raises(requests.ReadTimeout):
        mailgun.call("POST", f"/v3/{DOMAIN}/messages", data=_letter(), timeout=0.2)
    assert len(sandbox.letters()) == 1


def test_slow_answers_when_the_caller_waits(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    sandbox.fail("mailgun", "slow", seconds=0.3)
    began = time.monotonic()
    assert mailgun.send().status_code == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("mode", "status", "letters"),
    [
        ("bad_gateway_accepted", 502, 1),
        ("bad_gateway", 502, 0),
        ("error", 500, 0),
        ("error_accepted", 500, 1),
        ("error_html", 502, 0),
        ("unavailable", 503, 0),
        ("unauthorised", 401, 0),
        ("forbidden", 403, 0),
        ("rate_limited", 429, 0),
        ("rate_limited_bare", 429, 0),
    ],
)
def test_a_refusal_says_nothing_about_whether_the_letter_went(
    mailgun: MailgunClient, sandbox: RunningSandbox, mode: str, status: int, letters: int
) -> None:
    sandbox.fail("mailgun", mode)
    assert mailgun.send().status_code == status
    assert len(sandbox.letters()) == letters
    assert mailgun.send().status_code == 200


@pytest.mark.parametrize(
    ("mode", "seconds", "letters"),
    [("drop", 0, 0), ("drop_accepted", 0, 1), ("timeout_before_commit", 0.2, 0), ("timeout_after_commit", 0.2, 1)],
)
def test_a_connection_can_end_without_an_answer(
    mailgun: MailgunClient, sandbox: RunningSandbox, mode: str, seconds: float, letters: int
) -> None:
    sandbox.fail("mailgun", mode, seconds=seconds)
    with pytest.raises(requests.ConnectionError):
        mailgun.send()
    assert len(sandbox.letters()) == letters


def test_mailguns_429_names_the_wait_in_headers_or_only_in_words(
    mailgun: MailgunClient, sandbox: RunningSandbox
) -> None:
    sandbox.fail("mailgun", "rate_limited", seconds=7)
    sandbox.fail("mailgun", "rate_limited_bare", seconds=7)
    told, bare = mailgun.send(), mailgun.send()
    assert told.headers["Retry-After"] == "7"
    assert float(told.headers["X-RateLimit-Reset"]) > sandbox.sandbox.clock.now().timestamp()
    assert "try again after " in told.json()["message"]
    assert "Retry-After" not in bare.headers
    assert "X-RateLimit-Reset" not in bare.headers
    assert bare.json()["message"].endswith("try again after 7 seconds")


@pytest.mark.parametrize(
    ("mode", "status", "kind", "customers"),
    [
        ("error", 500, "application/json", 0),
        ("error_html", 500, "text/html", 0),
        ("error_accepted", 500, "application/json", 1),
        ("bad_gateway_accepted", 502, "text/html", 1),
        ("unavailable", 503, "text/html", 0),
        ("unauthorised", 401, "application/json", 0),
        ("forbidden", 403, "application/json", 0),
    ],
)
def test_tripletex_fails_in_json_and_in_html(
    sandbox: RunningSandbox, mode: str, status: int, kind: str, customers: int
) -> None:
    tripletex = TripletexClient(sandbox)
    sandbox.fail("tripletex", mode)
    answer = tripletex.call("POST", "/customer", json={"name": "Kunde AS"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["x-tlx-request-id"]
    if kind == "text/html":
        assert "Feilsituasjon - Tripletex" in answer.text
    assert len(tripletex.values("/customer")) == customers


def test_tripletex_500_has_no_message(sandbox: RunningSandbox) -> None:
    sandbox.fail("tripletex", "error")
    body = TripletexClientWithoutSession(sandbox).get("/customer").json()
    assert (body["status"], body["code"], body["message"]) == (500, 1000, None)


class TripletexClientWithoutSession:
    def __init__(self, running: RunningSandbox) -> None:
        self.url = running.tripletex_url

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)


@pytest.mark.parametrize(("mode", "customers"), [("timeout_before_commit", 0), ("timeout_after_commit", 1)])
def test_a_time_out_at_tripletex_may_or_may_not_have_created_the_customer(
    sandbox: RunningSandbox, mode: str, customers: int
) -> None:
    tripletex = TripletexClient(sandbox)
    sandbox.fail("tripletex", mode, seconds=0.5, method="POST")
    with pytest.raises(requests.Timeout):
        tripletex.call("POST", "/customer", json={"name": "Kunde AS"}, timeout=0.2)
    assert len(tripletex.values("/customer")) == customers


@pytest.mark.parametrize(("mode", "named"), [("rate_limited", True), ("rate_limited_bare", False)])
def test_tripletex_429_may_lack_the_reset(sandbox: RunningSandbox, mode: str, *, named: bool) -> None:
    tripletex = TripletexClient(sandbox)
    sandbox.fail("tripletex", mode, seconds=3)
    answer = tripletex.call("GET", "/customer")
    assert answer.status_code == 429
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"
    assert answer.headers.get("X-Rate-Limit-Reset") == ("3" if named else None)
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("mode", "status"), [("unavailable", 503), ("error", 500), ("rate_limited", 429), ("bad_gateway", 502)]
)
def test_the_register_can_be_down(sandbox: RunningSandbox, mode: str, status: int) -> None:
    sandbox.fail("register", mode)
    assert requests.get(f"{sandbox.register_url}/enheter/806800937", timeout=10).status_code == status
    assert requests.get(f"{sandbox.register_url}/enheter/806800937", timeout=10).status_code == 200


def test_the_register_can_be_slow(sandbox: RunningSandbox) -> None:
    sandbox.fail("register", "slow", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sandbox.register_url}/enheter/806800937", timeout=0.1)


def test_a_fault_meets_only_the_calls_it_names(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    sandbox.fail("mailgun", "error", calls=2, method="POST", path="/messages")
    assert mailgun.call("GET", f"/v3/{DOMAIN}/events").status_code == 200
    assert [mailgun.send().status_code for _ in range(3)] == [500, 500, 200]


def test_other_callers_are_served_while_one_waits(mailgun: MailgunClient, sandbox: RunningSandbox) -> None:
    sandbox.fail("mailgun", "slow", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        mailgun.call("POST", f"/v3/{DOMAIN}/messages", data=_letter(), timeout=0.1)
    began = time.monotonic()
    assert mailgun.send().status_code == 200
    assert time.monotonic() - began < 2


def _letter() -> dict[str, str]:
    return {"from": f"a@{DOMAIN}", "to": "kari@example.com", "subject": "s", "text": "t"}
