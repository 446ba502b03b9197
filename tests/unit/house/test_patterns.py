"""A pattern that guards a field looks at all of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date, timedelta

import marshmallow as ma
import pytest
from marshmallow import fields, validate

import services
from services.audit.logins.calls import Logins
from services.audit.trail.calls import Reopen
from services.audit.verification.calls import Verify
from services.notification.staff_tasks.calls import SettleTask
from services.notification.suppressions.calls import LiftSuppression
from services.retention.holds.calls import PlaceHold, ReleaseHold
from shared.bus.every_service_calls import ParkedReplay
from shared.records import Record, schema_class
from shared.statements import ApprovedBy

pytestmark = pytest.mark.unit


def subclasses(root: type) -> Iterator[type]:
    for each in root.__subclasses__():
        yield each
        yield from subclasses(each)


def validators(field: fields.Field) -> Iterator[validate.Validator]:
    yield from field.validators
    if isinstance(field, fields.List):
        yield from validators(field.inner)


def guarded() -> Iterator[tuple[str, validate.Regexp]]:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "schemas" in module.name or module.name.endswith(".calls"):
            importlib.import_module(module.name)
    written = [schema for schema in subclasses(ma.Schema) if schema.__module__.startswith("services.")]
    made = [schema_class(record) for record in subclasses(Record)]
    for schema in (*written, *made):
        for name, field in schema().fields.items():
            for each in validators(field):
                if isinstance(each, validate.Regexp):
                    yield f"{schema.__module__}.{schema.__name__}.{name}", each


def test_every_pattern_of_a_field_ends_where_the_text_ends() -> None:
    found = list(guarded())
    assert len(found) > 15
    open_ended = [name for name, each in found if not each.regex.pattern.endswith(r"\Z")]
    assert open_ended == []


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize("name", ["requested_by", "approved_by"])
@pytest.mark.parametrize(
    "text", ["staff:kari\n", "staff:kari Ola", "staff:kari\x00", "staff:kari.nes", "staff:kari_nes", "staff:kari-"]
)
def test_one_person_is_not_two_by_what_follows_the_code(name, text) -> None:
    with pytest.raises(ma.ValidationError):
        schema_class(ApprovedBy)(only=(name,)).load({name: text.removeprefix("staff:")})
    with pytest.raises(ma.ValidationError):
        schema_class(PlaceHold)(only=("owner",)).load({"owner": text})


@pytest.mark.parametrize("call", [ReleaseHold, Verify, Reopen, Logins, LiftSuppression, SettleTask, ParkedReplay])
@pytest.mark.parametrize("more", [" Ola Nordmann 99 88 77 66", "\n"])
def test_no_text_goes_into_the_trail_behind_who_acts(call, more) -> None:
    for actor in ("system", "staff:kari"):
        with pytest.raises(ma.ValidationError):
            schema_class(call)(only=("actor",)).load({"actor": f"{actor}{more}"})


def test_a_case_is_a_number_and_no_text() -> None:
    today = date(2026, 11, 22)
    said = {"starts_on": today.isoformat(), "review_on": (today + timedelta(days=30)).isoformat()}
    for case in ("sak-2026-1\n", "sak-2026-1 Ola Nordmann"):
        with pytest.raises(ma.ValidationError) as refused:
            schema_class(PlaceHold)(only=("case_ref", *said)).load({"case_ref": case, **said})
        assert list(refused.value.messages_dict) == ["case_ref"]
