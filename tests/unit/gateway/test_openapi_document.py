"""The description of the interface: what linters of such documents ask for, and that it says what the code does."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from services.account.fields import kinds
from services.account.passwords.rules import CHARACTERS_MAX, CHARACTERS_MIN
from services.account.sign_up.calls import SignUp
from services.gateway.app import CALL_SECONDS, Endpoint, Gateway
from services.gateway.bodies import body_of
from services.gateway.endpoints import ENDPOINTS
from services.gateway.openapi import document
from services.gateway.rate_limits import RATES
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.discovery import services
from shared.calls import Caller
from shared.field_limits import USERS_AT_SIGN_UP_LIMIT
from shared.http.bodies import IDEMPOTENCY_KEY_LIMIT
from shared.http.rate_limits import Limiter
from shared.records import schema_of
from tests.examples import example
from tests.json_objects import every_object
from tests.visitors import visitor

pytestmark = pytest.mark.unit

MADE = document(ENDPOINTS, version="1", public_url="https://vilkar.example/")
OPERATIONS = {operation["operationId"]: operation for item in MADE["paths"].values() for operation in item.values()}
COMPONENTS = MADE["components"]


def test_it_says_where_it_is_reached_whose_it_is_and_what_its_tags_mean() -> None:
    assert MADE["servers"] == [{"url": "https://vilkar.example"}]
    assert {"contact", "license", "description"} <= MADE["info"].keys()
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    described = {tag["name"]: tag["description"] for tag in MADE["tags"]}
    assert used == described.keys()
    assert all(described.values())


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    references = {each["$ref"] for each in every_object(MADE) if "$ref" in each}
    there = {f"#/components/{kind}/{name}" for kind in COMPONENTS for name in COMPONENTS[kind]}
    assert references <= there
    assert there - references - {"#/components/securitySchemes/session"} == set()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_an_operation_says_who_may_call_it_what_it_takes_and_how_it_refuses(endpoint: Endpoint) -> None:
    operation = OPERATIONS[endpoint.operation]
    assert operation["security"] == ([{"session": []}] if endpoint.needs_session else [])
    assert operation["summary"]
    assert operation["description"]
    statuses = operation["responses"].keys()
    assert {"400", "404", "408", "413", "431", "500", "503"} <= statuses
    assert str(endpoint.status) in statuses
    assert endpoint.needs_session <= ("401" in statuses)
    told = [told for status, told in operation["responses"].items() if status >= "400" and status != "406"]
    assert all("$ref" in each for each in told), "each is a problem document"
    takes_key = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
    assert takes_key == endpoint.keyed


def test_a_refusal_is_a_problem_document_and_says_what_belongs_to_its_status() -> None:
    for name, response in COMPONENTS["responses"].items():
        assert response["content"].keys() == {"application/problem+json"}, name
        assert response["description"]
    assert "WWW-Authenticate" in COMPONENTS["responses"]["Refused401"]["headers"]
    assert "Retry-After" in COMPONENTS["responses"]["Refused503"]["headers"]
    assert COMPONENTS["parameters"]["IdempotencyKey"]["schema"]["maxLength"] == IDEMPOTENCY_KEY_LIMIT


CALLS = {
    (service.name, method): spec.call
    for service in services()
    for method, spec in specifications(service)
    if isinstance(spec, AnswersSpec)
}


class Heard(Caller):
    """Answers every call as plainly as it may be answered, and remembers whether a key came with it."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.waits: list[tuple[str, float | None, float]] = []

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **given: Any) -> Any:
        if method != "authenticate":
            self.keys.append(given.get("idempotency_key") or given.get("key"))  # a call with a password has its own
        call = CALLS[service, method]
        self.waits.append((method, timeout_seconds, call.seconds))
        owner = {"role": "owner"} if method == "authenticate" else {}
        return example(call.reply, **owner)


DIGEST = "ab" * 32
TYPED = {
    "email": "kari@firma.example",
    "phone": "41378216",
    "org_number": "923609016",
    "sentences": DIGEST,
    "sha256": DIGEST,
}


def body(schema: type[ma.Schema]) -> dict[str, Any]:
    """One that is right."""
    return {
        field.data_key or name: _value(name, field) for name, field in schema().fields.items() if field.required
    }


def _value(name: str, field: Any) -> Any:
    if isinstance(field, fields.Nested):
        return body(type(field.schema))
    if isinstance(field, fields.Boolean):
        return True
    if isinstance(field, fields.Integer):
        return 1
    if isinstance(field, fields.DateTime):
        return "2026-11-30T12:00:00Z"
    if isinstance(field, fields.List):
        return [_value(name, field.inner)]
    chosen = [rule.choices[0] for rule in field.validators if isinstance(rule, validate.OneOf)]
    return chosen[0] if chosen else TYPED.get(name, "twenty-and-more-letters")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_a_key_counts_exactly_where_it_is_described(endpoint: Endpoint) -> None:
    heard = knock(endpoint)
    assert heard.keys, "nothing was called"
    assert {key is not None for key in heard.keys} == {endpoint.keyed}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_a_service_is_waited_for_longer_than_it_takes(endpoint: Endpoint) -> None:
    waits = knock(endpoint).waits
    assert waits
    assert [each for each in waits if each[1] is None or each[1] < max(CALL_SECONDS, each[2])] == []


def knock(endpoint: Endpoint) -> Heard:
    """What is called for one good request."""
    heard = Heard()
    gateway = Gateway(ENDPOINTS, caller=heard, limiter=Limiter(RATES), public_url="https://vilkar.example")
    path = re.sub(r"<uuid:\w+>", str(uuid4()), endpoint.path)
    sent = {"json": body(endpoint.request)} if endpoint.request else {}
    sent |= {"query_string": body(endpoint.query)} if endpoint.query else {}
    headers = {"Idempotency-Key": "once", "Authorization": "Bearer one-session-of-somebody"}
    visitor(gateway).open(path, method=endpoint.method, headers=headers, **sent)
    return heard


ADDED = {"actor", "origin", "idempotency_key", "domain", "element"}
"""What says on whose behalf a call is made, and what the server saw itself."""


def names(schema: type[ma.Schema]) -> set[str]:
    """The fields of a body and of what lies in it."""
    found: set[str] = set()
    for name, field in schema().fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        found |= {name} | (names(type(inner.schema)) if isinstance(inner, fields.Nested) else set())
    return found


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.request], ids=lambda each: each.operation)
def test_no_body_takes_what_the_server_adds(endpoint: Endpoint) -> None:
    of_session = {"account_id", "user_id", "token"} if endpoint.needs_session else set()
    assert names(endpoint.request) & (ADDED | of_session) == set()


def test_no_query_says_whose_behalf_a_call_is_made_on() -> None:
    asked = [each for each in ENDPOINTS if each.query]
    assert asked
    for endpoint in asked:
        assert names(endpoint.query) & (ADDED | {"account_id", "token"}) == set(), endpoint.operation


def test_a_body_is_the_call_without_what_is_added() -> None:
    made = body_of(SignUp, without=("origin", "agreement.domain", "agreement.element"))
    assert set(schema_of(SignUp).fields) - set(made().fields) == {"origin"}
    assert made is body_of(SignUp, without=("agreement.element", "agreement.domain", "origin"))
    given = body(made)
    assert made().validate(given) == {}
    for where in (given, given["agreement"]):
        where["element"] = "sign_up.accept"
        assert "element" in str(made().validate(given))
        del where["element"]
    with pytest.raises(TypeError, match="no field orign"):
        body_of(SignUp, without=("orign",))
    with pytest.raises(TypeError, match="no record"):
        body_of(SignUp, without=("language.code",))


def described(component: str, name: str) -> tuple[int, int]:
    field = COMPONENTS["schemas"][component]["properties"][name]
    return field["minLength"], field["maxLength"]


def test_limits_are_described_as_the_service_that_keeps_the_field_has_them() -> None:
    passwords = (CHARACTERS_MIN, CHARACTERS_MAX)
    assert described("SignUp", "password") == described("ResetPassword", "new_password") == passwords
    assert described("Company", "name") == described("UpdateUser", "email") == (1, kinds.LineField().limit)
    assert COMPONENTS["schemas"]["SignUp"]["properties"]["users"]["maxItems"] == USERS_AT_SIGN_UP_LIMIT
    lengths = [length for length in range(300) if kinds.TOKEN.fullmatch("t" * length)]
    assert described("ResetPassword", "token") == (lengths[0], lengths[-1])


def test_a_pattern_is_told_as_javascript_reads_it() -> None:
    patterns = {each["pattern"] for each in every_object(MADE) if isinstance(each.get("pattern"), str)}
    assert "^(?:[0-9a-f]{64})$" in patterns
    assert [each for each in patterns if not (each.startswith("^") and each.endswith("$")) or r"\Z" in each] == []
