"""Whatever an event may hold is read back as it was written, and written in the same words again."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.generators import shapes
from shared.bus import discovery
from shared.events import CODE_PATTERN, COUNT_LIMIT, DIGEST_PATTERN
from shared.marshmallow_fields import EARLIEST, LATEST

pytestmark = pytest.mark.contract

EVENTS = discovery.events()
CODES = st.from_regex(CODE_PATTERN, fullmatch=True)
COUNTS = st.integers(-COUNT_LIMIT, COUNT_LIMIT)
INSTANTS = st.datetimes(*(each.replace(tzinfo=None) for each in (EARLIEST, LATEST)), timezones=st.just(UTC))
KINDS = {
    "uuid": st.uuids(),
    "boolean": st.booleans(),
    "integer": COUNTS,
    "date": st.dates(),
    "instant": INSTANTS,
    "code": CODES,
    "digest": st.from_regex(DIGEST_PATTERN, fullmatch=True),
    "list of uuid": st.lists(st.uuids(), max_size=3),
    "list of code": st.lists(CODES, max_size=3),
    "list of instant": st.lists(INSTANTS, max_size=3),
    "counts": st.dictionaries(CODES, COUNTS, max_size=3),
}


def values(shape):
    return st.none() | KINDS[shape.kind] if shape.null else KINDS[shape.kind]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_an_event_is_read_as_it_was_written(event, data):
    fields = {name: values(shape) for name, shape in shapes.shape_of(event).items()}
    written = event(**data.draw(st.fixed_dictionaries(fields)))
    read = event.from_data(json.loads(json.dumps(written.data())))
    assert read == written
    assert read.data() == written.data()
