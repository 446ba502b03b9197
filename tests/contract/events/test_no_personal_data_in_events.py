"""No field of any event can hold personal data: what people are called, where they live, how they are reached."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.generators import shapes
from shared.bus import discovery
from shared.events import CODE_PATTERN, Event, EventError, schema_of

pytestmark = pytest.mark.contract

EVENTS = discovery.events()
ALLOWED_KINDS = {
    *("uuid", "boolean", "integer", "date", "instant", "code", "digest", "counts"),
    *("list of uuid", "list of code", "list of instant"),
}
PERSONAL = (
    "Kari Nordmann",
    "Åse",
    "kari@example.no",
    "+47 912 34 567",
    "91234567",
    "01010112345",
    "Storgata 1",
    "2260 Kirkenær",
    "NO9386011117947",
    "192.0.2.7",
    "kari nordmann",
    "Mozilla/5.0 (X11)",
)
PERSONAL_NUMBERS = (91234567, 4791234567, 1010112345, 13097248022, 999999999)
TELLING_WORDS = frozenset(
    [
        "name",
        "names",
        "mail",
        "email",
        "phone",
        "address",
        "birth",
        "born",
        "street",
        "postcode",
        "ip",
        "agent",
        "text",
        "note",
        "title",
        "comment",
    ]
)


@cache
def example(event):
    return shapes.example(event, full=True).data()


def with_value(event, name, value):
    return {**example(event), name: value}


def refused(event, name, value):
    try:
        event.from_data(with_value(event, name, value))
    except EventError:
        return True
    return False


def test_all_events_are_walked():
    assert len(EVENTS) >= 30
    assert all(issubclass(event, Event) for event in EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_field_is_of_a_kind_without_room_for_free_text(event):
    for name, shape in shapes.shape_of(event).items():
        assert shape.kind in ALLOWED_KINDS, name
        assert TELLING_WORDS.isdisjoint(name.split("_")), name


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_field_refuses_names_addresses_and_numbers_of_people(event):
    for name, value in product(shapes.shape_of(event), (*PERSONAL, *PERSONAL_NUMBERS)):
        assert refused(event, name, value), (name, value)
        assert refused(event, name, [value]), (name, value)
        assert refused(event, name, {"a": value}), (name, value)
        assert refused(event, name, {value: 1}), (name, value)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
@settings(deadline=None, max_examples=40)
@given(text=st.text(min_size=1, max_size=80))
def test_text_that_is_no_machine_code_fits_nowhere(event, text):
    for name, shape in shapes.shape_of(event).items():
        if CODE_PATTERN.fullmatch(text) and "code" in shape.kind:
            continue
        try:
            read = event.from_data(with_value(event, name, text))
        except EventError:
            continue
        # Whatever was read from text was an id or a point in time, and is written as such.
        assert shape.kind in ("uuid", "date", "instant"), name
        assert read.data()[name] is not None


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_what_a_subject_says_is_a_kind_and_an_id(event):
    subject = shapes.example(event, full=True).subject
    of_staff = re.fullmatch(rf"staff/{CODE_PATTERN.pattern}", subject)  # they are called by their codes everywhere
    assert of_staff or re.fullmatch(r"[a-z_]+/[0-9a-f-]{36}", subject)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_says_when_and_why_it_is_published(event):
    assert event.__doc__
    assert len(event.__doc__.split()) >= 6
    assert schema_of(event).fields
