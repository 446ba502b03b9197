"""The past stays readable: old bytes by new code and new bytes by old code, for every edition of every event."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from deploy.generators import golden, shapes
from shared.bus import discovery, wire
from shared.events import CODE_PATTERN, DIGEST_PATTERN, EventError

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / golden.FOLDER).glob("*.json"))
EVENTS = {(event.type, event.version): event for event in discovery.events()}
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def frozen():
    for path in FILES:
        content = json.loads(path.read_text(encoding="utf-8"))
        for number, edition in enumerate(content["editions"], start=1):
            name = f"{content['type']}.v{content['version']}.{number}"
            yield pytest.param((content["type"], content["version"]), edition, id=name)


def read(body, event_type):
    envelope = json.loads(body)
    return wire.decode(
        body.encode() if isinstance(body, str) else body,
        content_type="application/json",
        headers={},
        exchange=f"{envelope['source']}.events",
        routing_key=event_type,
        received_at=NOW,
    )


def test_there_is_a_golden_file_for_every_event_and_an_event_for_every_golden_file():
    assert len(FILES) >= 30
    assert {path.name for path in FILES} == {Path(golden.path_of(event)).name for event in EVENTS.values()}


@pytest.mark.parametrize(("key", "edition"), list(frozen()))
@pytest.mark.parametrize("kind", ["full", "least"])
def test_old_bytes_are_read_by_new_code(key, edition, kind):
    got = read(edition[kind], key[0])
    event = EVENTS[key].from_data(got.data)
    kept = event.data()
    for name, value in got.data.items():
        assert same(kept[name], value), name


@pytest.mark.parametrize(("key", "edition"), list(frozen()))
@pytest.mark.parametrize("full", [True, False])
def test_new_bytes_are_read_by_old_code(key, edition, full):
    data = read(shapes.example_body(EVENTS[key], full=full), key[0]).data
    for name, shape in edition["fields"].items():
        assert readable(data.get(name), shape), name


def same(left, right):
    """Equal, or the same instant written in two ways."""
    if left == right:
        return True
    return isinstance(right, str) and datetime.fromisoformat(left) == datetime.fromisoformat(right)


def readable(value, shape):
    """Whether a reader that knows only the frozen fields would accept `value`."""
    if value is None:
        return shape["null"]
    kind = shape["kind"]
    if kind.startswith("list of "):
        return all(readable(item, {"kind": kind.removeprefix("list of "), "null": False}) for item in value)
    if kind == "counts":
        return all(CODE_PATTERN.fullmatch(key) and isinstance(count, int) for key, count in value.items())
    return bool(READERS[kind](value))


READERS = {
    "uuid": UUID,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int),
    "date": date.fromisoformat,
    "instant": lambda value: datetime.fromisoformat(value).tzinfo,
    "code": CODE_PATTERN.fullmatch,
    "digest": DIGEST_PATTERN.fullmatch,
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: f"{event.type}.v{event.version}")
def test_what_a_later_edition_adds_is_ignored_and_what_is_missing_is_refused(event):
    data = shapes.example(event, full=True).data()
    assert event.from_data({**data, "added_later": {"any": ["thing"]}}).data() == data
    for name, shape in shapes.shape_of(event).items():
        without = {key: value for key, value in data.items() if key != name}
        if shape.null:
            assert getattr(event.from_data(without), name) is None
        else:
            with pytest.raises(EventError):
                event.from_data(without)
