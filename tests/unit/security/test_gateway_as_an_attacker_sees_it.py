"""The gateway under attack: keys, forged fields, forged headers, text that is none."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import Client

from services.account.confirmation.calls import LinkShown
from services.account.login.calls import Authenticated
from services.gateway.app import Gateway
from services.gateway.endpoints import ENDPOINTS
from services.gateway.pages import PAGES
from services.gateway.rate_limits import RATES
from services.retention.monitoring.calls import ErasureShown
from shared.calls import Caller
from shared.errors import TooMany
from shared.http.rate_limits import Limiter, Rate
from tests.examples import example
from tests.forms import agreement
from tests.visitors import visitor

pytestmark = pytest.mark.unit

PERSON = {"name": "Ola Sletten", "email": "ola@firma.example", "phone": "90012345"}
CHANGED = {"account_id": str(uuid4()), "user_id": str(uuid4()), "version": 2, "state": "active"}
SIGN_UP = {
    "company": {"name": "Bjørkholt Rør", "email": "post@firma.example", "phone": "22225555"},
    "creator": PERSON,
    "password": "Snøen smelter i april 7",
    "language": "nb",
    "agreement": agreement(authority="proprietor"),
}


class Tenants(Caller):
    """Answers for two companies, told apart by their session's token."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {"describe_link": example(LinkShown, kind="invitation", standing="works")}

    def join(self, role: str = "owner") -> tuple[dict[str, str], dict[str, str]]:
        known = example(Authenticated, role=role)
        token = f"token-of-{known['user_id']}"
        self.sessions[token] = known
        return {"Authorization": f"Bearer {token}"}, known

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if method == "authenticate":
            return self.sessions[fields["token"]]
        self.asked.append((method, fields))
        return self.answers.get(method, CHANGED)

    def last(self) -> dict[str, Any]:
        return self.asked[-1][1]


@pytest.fixture
def tenants() -> Tenants:
    return Tenants()


@pytest.fixture
def client(tenants: Tenants) -> Client:
    gateway = Gateway(
        ENDPOINTS + PAGES, caller=tenants, limiter=Limiter(RATES), public_url="https://vilkar.example/"
    )
    return visitor(gateway)


def keys_sent(tenants: Tenants) -> list[str]:
    return [fields["idempotency_key"] for _, fields in tenants.asked]


@pytest.mark.clause("ISOLATE-1")
def test_one_companys_idempotency_key_is_never_anothers(client, tenants) -> None:
    for _ in range(2):
        session, _ = tenants.join()
        client.post("/v1/users", json=PERSON, headers=session | {"Idempotency-Key": "1"})
    first, second = keys_sent(tenants)
    assert first != second


def test_the_same_request_of_the_same_user_has_the_same_key(client, tenants) -> None:
    session, _ = tenants.join()
    for _ in range(2):
        client.post("/v1/users", json=PERSON, headers=session | {"Idempotency-Key": "any words"})
    first, second = keys_sent(tenants)
    assert first == second


def test_one_key_used_for_two_users_means_two_changes(client, tenants) -> None:
    session, _ = tenants.join()
    for user_id in (uuid4(), uuid4()):
        path = f"/v1/users/{user_id}/deactivation"
        client.post(path, json={"version": 1}, headers=session | {"Idempotency-Key": "1"})
    client.patch("/v1/account", json={"version": 1, "name": "B"}, headers=session | {"Idempotency-Key": "1"})
    assert len(set(keys_sent(tenants))) == 3


def test_what_a_client_writes_into_its_key_goes_no_further(client, tenants) -> None:
    session, _ = tenants.join()
    client.post("/v1/users", json=PERSON, headers=session | {"Idempotency-Key": "ola.firma.example"})
    assert "ola" not in keys_sent(tenants)[0]


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("smuggled", ["actor", "account_id", "user_id", "origin", "token", "idempotency_key"])
def test_nobody_says_in_the_body_who_he_is(client, tenants, smuggled: str) -> None:
    session, _ = tenants.join()
    target = uuid4()
    requests = [
        ("POST", "/v1/users", PERSON),
        ("PATCH", "/v1/account", {"version": 1, "name": "B"}),
        ("PATCH", f"/v1/users/{target}", {"version": 1, "name": "B"}),
        ("POST", "/v1/account/deactivation", {"version": 1, "current_password": "x"}),
        ("PUT", "/v1/password", {"current_password": "x", "new_password": "y"}),
    ]
    for method, path, body in requests:
        answer = client.open(path, method=method, json=body | {smuggled: "system"}, headers=session)
        assert answer.status_code == 422, path
    assert tenants.asked == []


def test_the_evidence_of_acceptance_names_our_host_whatever_the_request_claims(client, tenants) -> None:
    tenants.answers["sign_up"] = {"status": "accepted"}
    client.post("/v1/accounts", json=SIGN_UP, headers={"Host": "kare.nordmann.example"})
    assert tenants.last()["agreement"]["domain"] == "vilkar.example"


@pytest.mark.clause("ISOLATE-1")
def test_a_plain_user_sees_the_erasure_of_the_company_and_of_himself_only(client, tenants) -> None:
    session, me = tenants.join(role="user")
    colleague = str(uuid4())
    ends = [example(ErasureShown, user_id=whose) for whose in (None, me["user_id"], colleague)]
    tenants.answers["timeline"] = {"erasures": ends}
    shown = client.get("/v1/account/erasure", headers=session)
    assert [each["user_id"] for each in shown.json["erasures"]] == [None, me["user_id"]]
    owner, _ = tenants.join(role="owner")
    assert len(client.get("/v1/account/erasure", headers=owner).json["erasures"]) == 3


@pytest.mark.parametrize("field", ["email", "password"])
def test_half_a_character_is_refused_and_breaks_nothing(client, tenants, field: str) -> None:
    body = '{"email": "a@b.example", "password": "x"}'.replace('"x"' if field == "password" else "a@b", "\\ud800")
    body = body.replace(": \\ud800", ': "\\ud800"')
    answer = client.post("/v1/sessions", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed")
    assert tenants.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "a@b.example", "password": "\xed\xa0\x80"}',
        '{"email": "a@b.example", "password": "x"}'.encode("utf-16"),
        '{"email": "a@b.example", "password": "x"}'.encode("utf-32-be"),
        b'{"email": "a@b.example", "password": ' + b"9" * 5000 + b"}",
    ],
)
def test_only_utf8_is_json_here(client, tenants, body: bytes) -> None:
    answer = client.post("/v1/sessions", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert tenants.asked == []


def test_a_missing_session_names_the_way_in(client) -> None:
    answer = client.get("/v1/account")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="vilkar"'


def test_a_network_with_a_sea_of_addresses_is_one_sender(tenants) -> None:
    limiter = Limiter({"login": Rate(burst=3, per_minute=1)})
    for number in range(3):
        limiter.take("login", f"2001:db8:0:7::{number:x}", 0.0)
    with pytest.raises(TooMany):
        limiter.take("login", "2001:db8:0:7:ffff::1", 0.0)
    limiter.take("login", "2001:db8:0:8::1", 0.0)
    limiter.take("login", "203.0.113.1", 0.0)
    limiter.take("login", "unknown", 0.0)


def test_a_forwarded_address_is_not_believed(client, tenants) -> None:
    client.post(
        "/v1/sessions",
        json={"email": "a@b.example", "password": "x"},
        headers={"X-Forwarded-For": "198.51.100.9", "Forwarded": "for=198.51.100.9", "X-Real-IP": "198.51.100.9"},
    )
    assert tenants.last()["origin"]["ip"] != "198.51.100.9"


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/confirm/token-of-some-letter",
        "/password/token-of-some-letter",
        "/unsubscribe/token-of-some-letter",
        "/v1/account",
    ],
)
def test_every_answer_forbids_scripts_frames_caching_and_referrers(client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_links_token_is_not_repeated_on_its_page(client) -> None:
    for path in ("/confirm/", "/password/", "/unsubscribe/"):
        assert "needle-token" not in client.get(f"{path}needle-token").text


@pytest.mark.parametrize("path", ["//evil.example/%2e%2e", "/\\evil.example", "/v1//account", "/confirm//x"])
def test_nothing_redirects(client, path: str) -> None:
    answer = client.get(path)
    assert not 300 <= answer.status_code < 400
    assert "Location" not in answer.headers
