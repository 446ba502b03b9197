"""What HTTP asks of every server: challenges, methods, and errors in the form that whoever asks can read."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from services.account.login.calls import Authenticated
from services.gateway.service import make
from shared.calls import Caller
from shared.errors import Invalid, TooMany, Unauthenticated, Unavailable
from tests.examples import example

pytestmark = pytest.mark.unit

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
KNOWN = example(Authenticated, role="owner")


class Script(Caller):
    """Answers with what it is given, or raises it."""

    def __init__(self) -> None:
        self.answer: Any = KNOWN
        self.asked = 0

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **given: Any) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def client(script: Script) -> Client:
    return Client(make(script, public_url="https://vilkar.example"))


@pytest.mark.parametrize(
    "header",
    ["Bearer å", "Bearer a b", 'Bearer "a"', "Bearer a,b", "Bearer " + "a" * 201, "bearer =", "Bearer a=b"],
)
def test_a_malformed_token_is_challenged_and_asked_of_nobody(client, script, header: str) -> None:
    answer = client.get("/v1/account", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="vilkar", error="invalid_token"'
    assert script.asked == 0


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Digest x"])
def test_who_shows_no_token_is_told_how_one_does(client, script, header: str | None) -> None:
    answer = client.get("/v1/account", headers={"Authorization": header} if header is not None else {})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="vilkar"')
    assert script.asked == 0


@pytest.mark.parametrize("refusal", [Unauthenticated(), Invalid(details={"token": ["between 20 and 100"]})])
def test_a_token_that_the_service_does_not_know_or_will_not_read_is_an_invalid_one(client, script, refusal) -> None:
    script.answer = refusal
    answer = client.get("/v1/account", headers={"Authorization": "Bearer short"})
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/accounts", "OPTIONS, POST"),
        ("/v1/account", "GET, HEAD, OPTIONS, PATCH"),
        ("/terms", "GET, HEAD, OPTIONS"),
        ("/confirm/some-token", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_method_that_is_not_offered_is_refused_with_those_that_are(client, path: str, allowed: str) -> None:
    for method in ("DELETE", "PUT", "TRACE", "BREW"):
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    asked = client.options(path)
    assert (asked.status_code, asked.headers["Allow"], asked.data) == (204, allowed, b"")
    assert client.options("/nothing/here").status_code == 404


def test_head_has_the_headers_of_get_and_no_body(client) -> None:
    got, head = client.get("/terms"), client.head("/terms")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Length"] == str(len(got.data))


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.5", "nb", "Siden finnes ikke"),
        ("nn", "nb", "Siden finnes ikke"),
        ("en-GB,en;q=0.9", "en", "There is no such page"),
        ("de,en;q=0.3", "en", "There is no such page"),
        ("de", "nb", "Siden finnes ikke"),
        ("", "nb", "Siden finnes ikke"),
    ],
)
def test_a_reader_gets_a_page_in_his_language(client, asked: str, language: str, words: str) -> None:
    answer = client.get("/nothing/here", headers={"Accept": BROWSER, "Accept-Language": asked})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert f'lang="{language}"' in answer.text
    assert words in answer.text


@pytest.mark.parametrize(
    ("method", "path", "raised", "status", "header"),
    [
        ("DELETE", "/terms", None, 405, "Allow"),
        ("GET", "/certificates/0192e4a0-0000-7000-8000-000000000001", Unavailable("away"), 503, "Retry-After"),
        ("GET", "/certificates/0192e4a0-0000-7000-8000-000000000001", ValueError("inside"), 500, None),
        ("POST", "/confirm/some-token-of-a-letter", TooMany(details={"retry_after_seconds": 7}), 429, None),
    ],
)
def test_a_page_keeps_status_and_headers_of_the_refusal(
    client, script, method, path, raised, status, header
) -> None:
    script.answer = raised
    answer = client.open(path, method=method, headers={"Accept": BROWSER, "Accept-Language": "en"})
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert header is None or answer.headers[header]
    assert "inside" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/html;q=0", "application/problem+json"])
def test_a_program_gets_a_problem_document(client, accept: str) -> None:
    assert client.get("/nothing/here", headers={"Accept": accept}).mimetype == "application/problem+json"


def test_the_interface_answers_with_documents_whoever_asks(client) -> None:
    answer = client.get("/v1/nothing", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
