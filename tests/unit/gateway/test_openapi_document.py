"""The description of the interface: what linters of such documents ask for, and that it says what the code does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import marshmallow as ma
import pytest
from marshmallow import fields, validate
from werkzeug.test import Client

from services.account import calls as service
from services.account import kinds, password_rules
from services.gateway import schemas
from services.gateway.app import IDEMPOTENCY_KEY_LIMIT, Endpoint, Gateway
from services.gateway.endpoints import ENDPOINTS, RATES
from services.gateway.limits import Limiter
from services.gateway.openapi import document
from shared.calls import Caller
from shared.records import schema_class

pytestmark = pytest.mark.unit

MADE = document(ENDPOINTS, version="1", public_url="https://vilkar.example/")
OPERATIONS = {operation["operationId"]: operation for item in MADE["paths"].values() for operation in item.values()}
COMPONENTS = MADE["components"]


def every(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from every(each)
    elif isinstance(value, list):
        for each in value:
            yield from every(each)


def test_it_says_where_it_is_reached_whose_it_is_and_what_its_tags_mean() -> None:
    assert MADE["servers"] == [{"url": "https://vilkar.example"}]
    assert {"contact", "license", "description"} <= MADE["info"].keys()
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    described = {tag["name"]: tag["description"] for tag in MADE["tags"]}
    assert used == described.keys()
    assert all(described.values())


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    references = {each["$ref"] for each in every(MADE) if "$ref" in each}
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


class Heard(Caller):
    """Takes every call and remembers whether a key came with it."""

    def __init__(self) -> None:
        self.keys: list[Any] = []

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **given: Any) -> Any:
        if method == "authenticate":
            return {"account_id": str(uuid4()), "user_id": str(uuid4()), "role": "owner"}
        self.keys.append(given.get("idempotency_key"))
        return {"accepted": True, "erasures": []}


def example(schema: type[ma.Schema]) -> dict[str, Any]:
    """A body that passes the shape's check."""
    return {name: _value(field) for name, field in schema().fields.items() if field.required}


def _value(field: Any) -> Any:
    if isinstance(field, fields.Nested):
        return example(type(field.schema))
    if isinstance(field, fields.Boolean):
        return True
    if isinstance(field, fields.Integer):
        return 1
    chosen = [rule.choices[0] for rule in field.validators if isinstance(rule, validate.OneOf)]
    return chosen[0] if chosen else "twenty-and-more-characters"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_a_key_counts_exactly_where_it_is_described(endpoint: Endpoint) -> None:
    heard = Heard()
    gateway = Gateway(ENDPOINTS, caller=heard, limiter=Limiter(RATES), public_url="https://vilkar.example")
    path = endpoint.path.replace("<uuid:user_id>", str(uuid4())).replace("<uuid:certificate_id>", str(uuid4()))
    body = {"json": example(endpoint.request)} if endpoint.request else {}
    headers = {"Idempotency-Key": "once", "Authorization": "Bearer one-session-of-somebody"}
    Client(gateway).open(path, method=endpoint.method, headers=headers, **body)
    assert heard.keys, "nothing was called"
    assert {key is not None for key in heard.keys} == {endpoint.keyed}


PAIRS = (
    (schemas.SignUp, schema_class(service.SignUp)),
    (schemas.UpdateAccount, schema_class(service.UpdateAccount)),
    (schemas.AddUser, schema_class(service.AddUser)),
    (schemas.UpdateUser, schema_class(service.UpdateUser)),
)


def limits(public: ma.Schema, kept: ma.Schema, shape: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, what is described and what the service takes, of every field of text that both have."""
    for name, field in public.fields.items():
        other, described = kept.fields.get(name), shape["properties"][name]
        if isinstance(field, fields.List) and isinstance(other, fields.List):
            bound = next(rule.max for rule in other.validators if isinstance(rule, validate.Length))
            yield name, described["maxItems"], bound
            inner = COMPONENTS["schemas"][described["items"]["$ref"].rpartition("/")[2]]
            yield from limits(field.inner.schema, other.inner.schema, inner)
        elif isinstance(field, fields.Nested) and isinstance(other, fields.Nested):
            inner = COMPONENTS["schemas"][described["$ref"].rpartition("/")[2]]
            yield from limits(field.schema, other.schema, inner)
        elif isinstance(other, kinds.LineField):
            yield name, described["maxLength"], other.limit
        elif isinstance(other, kinds.PasswordField):
            rule = (described["minLength"], described["maxLength"])
            yield name, rule, (password_rules.CHARACTERS_MIN, password_rules.CHARACTERS_MAX)


@pytest.mark.parametrize(("public", "kept"), PAIRS, ids=lambda schema: schema.__name__)
def test_the_limits_are_those_of_the_service_that_keeps_the_field(
    public: type[ma.Schema], kept: type[ma.Schema]
) -> None:
    found = list(limits(public(), kept(), COMPONENTS["schemas"][public.__name__]))
    assert {name for name, _, _ in found} >= {"name", "email", "phone"}
    assert [each for each in found if each[1] != each[2]] == []


def test_a_token_is_described_as_the_service_takes_it() -> None:
    described = COMPONENTS["schemas"]["ResetPassword"]["properties"]["token"]
    lengths = [length for length in range(300) if kinds.TOKEN.fullmatch("t" * length)]
    assert (described["minLength"], described["maxLength"]) == (lengths[0], lengths[-1])
