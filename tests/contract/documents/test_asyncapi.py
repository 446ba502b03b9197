"""What the AsyncAPI document says of events and calls is what goes over the wire."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from uuid import UUID

import marshmallow as ma
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from marshmallow.validate import OneOf
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from deploy.generators import asyncapi, asyncapi_calls, asyncapi_events, shapes
from services.desk.scram import verifier_of
from services.staff.recovery import rules as recovery
from shared.bus import discovery, topology, wire
from shared.bus.declarations import AnswersSpec, specifications
from shared.bus.every_service import EveryService
from shared.database.migrate import ROOT
from shared.events import Event
from shared.records import schema_of
from shared.system import SERVICES
from tests.json_objects import every_object

pytestmark = pytest.mark.contract

# As it is handed out. To make it takes seconds, each time any tests are looked for; `make verify` compares.
MADE = json.loads((ROOT / asyncapi.PATH).read_text(encoding="utf-8"))
COMPONENTS = MADE["components"]
EVENTS = discovery.events()
CALLS = {
    f"{name}.{spec.call.method}": spec.call
    for name, kind in (("every-service", EveryService), *((each.name, each) for each in discovery.services()))
    for _, spec in specifications(kind)
    if isinstance(spec, AnswersSpec)
}
REGISTRY: Registry[Any] = Registry().with_resource(
    "urn:vilkar", Resource.from_contents(MADE, default_specification=DRAFT202012)
)


CANDIDATES = (
    *(1, True, "twenty-and-more-letters", "x", "kari@firma.example", "41378216", "923609016", "a" * 64, "A" * 43),
    *(
        "203.0.113.7",
        "staff:kari",
        str(UUID(int=1)),
        "2027-01-01",
        "2027-01-01T12:00:00+00:00",
        {},
        "sak-2027-1",
        "account/1",
        f"2027-01-01~{UUID(int=1)}",
        "/holds",
        "xx",
        "FH27-N9R3",
        "V-7K3M-92",
        recovery.spaced(recovery.code_of([0] * 23)),
        verifier_of("x", bytes(16)),
        2,
    ),
)
"""Among these is something for every field that is no record and no list."""


@cache
def validator_of(message: str) -> Any:
    where = {"$ref": f"urn:vilkar#/components/messages/{message}/payload"}
    return Draft202012Validator(where, registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaints(value: Any, message: str) -> list[str]:
    """What is wrong with a body, as the document describes that message."""
    return [f"{each.json_path}: {each.message}" for each in validator_of(message).iter_errors(value)]


def filled(schema: ma.Schema) -> dict[str, Any]:
    """A value that is right in every field."""
    return {field.data_key or name: value_of(field) for name, field in schema.fields.items()}


def value_of(field: Any) -> Any:
    if isinstance(field, ma.fields.Nested):
        return [filled(field.schema)] if field.many else filled(field.schema)
    if isinstance(field, ma.fields.List):
        return [value_of(field.inner)]
    if isinstance(field, ma.fields.Enum):
        return next(iter(field.enum)).value
    chosen = [choice for rule in field.validators if isinstance(rule, OneOf) for choice in rule.choices]
    return next(each for each in (*chosen, *CANDIDATES) if fits(field, each))


def fits(field: Any, value: Any) -> bool:
    try:
        field.deserialize(value)
    except ma.ValidationError:
        return False
    return True


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    references = {each["$ref"] for each in every_object(MADE) if "$ref" in each}
    for reference in references:
        at: Any = MADE
        for step in reference.removeprefix("#/").split("/"):
            assert step in at, reference
            at = at[step]
    there = {f"#/components/{kind}/{name}" for kind in COMPONENTS for name in COMPONENTS[kind]}
    assert there - references == set()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event.type}.v{event.version}")
def test_an_event_as_it_is_sent_is_as_it_is_described(event: type[Event]) -> None:
    message = f"{event.type}.v{event.version}"
    for full in (True, False):
        body = json.loads(shapes.example_body(event, full=full))
        assert complaints(body, message) == []
        assert complaints(body | {"data": body["data"] | {"added_later": 1}}, message) == []
        assert body.keys() <= asyncapi_events.ATTRIBUTES.keys()
        assert body.keys() | asyncapi_events.OPTIONAL == asyncapi_events.ATTRIBUTES.keys()
    for name, shape in shapes.shape_of(event).items():
        assert complaints(body | {"data": body["data"] | {name: {"Kari": "Nordmann"}}}, message), name
        left_out = {key: value for key, value in body["data"].items() if key != name}
        assert bool(complaints(body | {"data": left_out}, message)) != shape.null, name
    assert complaints(body | {"type": "another.thing"}, message)


def test_what_is_sent_and_heard_is_what_the_broker_is_told_to_move() -> None:
    made = topology.of_this_system()
    exchanges = {each.name for each in made.exchanges if each.name.endswith(wire.EVENTS_SUFFIX)}
    heard = {each for each in made.bindings if each.exchange in exchanges}
    queues = {name for name, each in MADE["channels"].items() if name.startswith("evt-")}
    assert queues == {each.queue for each in heard}
    receiving = {op["channel"]["$ref"] for op in MADE["operations"].values() if op["action"] == "receive"}
    assert {f"#/channels/{queue}" for queue in queues} <= receiving
    sending = {op["channel"]["$ref"].removeprefix("#/channels/") for op in MADE["operations"].values()}
    published = {f"{each.exchange}.{each.routing_key}" for each in heard}
    unheard = {f"{wire.events_exchange(source)}.{each}" for source in made.unheard for each in made.unheard[source]}
    assert {name for name in sending if re.match(r"[a-z-]+\.events\.", name)} == published | unheard


def test_a_listener_hears_from_its_queue_what_is_bound_to_it() -> None:
    for name, operation in MADE["operations"].items():
        if ".receives." in name:
            listener, rest = name.split(".receives.")
            event_type, source = rest.rsplit(".of.", 1)
            assert operation["channel"]["$ref"] == f"#/channels/{wire.event_queue(source, event_type, listener)}"
            assert operation["tags"][0]["$ref"] == f"#/components/tags/{listener}"


@pytest.mark.parametrize("name", CALLS)
def test_a_call_and_its_reply_are_as_they_are_described(name: str) -> None:
    call = CALLS[name]
    asked = {"args": [], "kwargs": filled(schema_of(call))}
    assert complaints(asked, f"{name}.request") == []
    assert complaints({"args": [1], "kwargs": {}}, f"{name}.request")
    assert complaints({"args": [], "kwargs": asked["kwargs"] | {"unknown": 1}}, f"{name}.request")
    for field in (each for each in schema_of(call).fields.values() if each.required):
        left_out = {key: value for key, value in asked["kwargs"].items() if key != (field.data_key or field.name)}
        assert complaints({"args": [], "kwargs": left_out}, f"{name}.request"), field.name
    answered = filled(schema_of(call.reply))
    assert complaints({"result": answered, "error": None}, f"{name}.reply") == []
    assert complaints({"result": answered | {"added_later": 1}, "error": None}, f"{name}.reply") == []
    assert complaints({"result": "done", "error": None}, f"{name}.reply")
    keyed = {"args": [], "kwargs": asked["kwargs"] | {"idempotency_key": "once-1"}}
    if call.is_command:
        assert complaints(keyed, f"{name}.request") == []


def test_a_refusal_and_a_fault_are_told_as_they_are_described() -> None:
    refused = {
        "exc_type": "NotFound",
        "exc_path": "shared.errors.NotFound",
        "exc_args": ["There is no such thing, or it is not yours."],
        "value": "There is no such thing, or it is not yours.",
    }
    (name, *_) = CALLS
    for error in (
        refused,
        refused | {"code": "not_found", "details": {}},
        refused | {"error_id": str(UUID(int=1))},
    ):
        assert complaints({"result": None, "error": error}, f"{name}.reply") == []
    assert complaints({"result": None, "error": refused | {"code": "whatever"}}, f"{name}.reply")
    assert complaints({"result": None, "error": "NotFound"}, f"{name}.reply")


def test_an_operation_of_a_call_says_who_asks_how_it_is_refused_and_where_the_answer_goes() -> None:
    for name, call in CALLS.items():
        service, method = name.split(".")
        operation = MADE["operations"][f"{service}.answers.{method}"]
        assert operation["x-refusals"] == [error.code for error in call.refusals]
        assert operation["x-command"] == call.is_command
        assert operation["reply"]["messages"] == [{"$ref": f"#/channels/replies/messages/{name}.reply"}]
    assert "desk" in MADE["operations"]["every-service.answers.parked_list"]["x-asked-by"]
    assert MADE["channels"]["every-service.ping"]["parameters"]["service"]["enum"] == list(SERVICES)
    assert MADE["channels"]["every-service.ping"]["address"] == "{service}.ping"


def test_no_schema_is_named_by_chance() -> None:
    assert [
        name for name in COMPONENTS["schemas"] if re.search(r"\D\d$", name) and not re.search(r"\.v\d$", name)
    ] == []
    assert asyncapi_calls.EVERY not in SERVICES
