"""Frozen schemas: for every event type and version the fields and bytes of each edition that ever went out.

A field may be added to an event that may be null; that makes a new edition, and the old ones stay in the file for
the tests to read. Anything else that changes the fields is refused here: it takes a new version of the event.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from deploy.generators import shapes
from shared.bus import discovery
from shared.database.migrate import ROOT
from shared.events import Event

FOLDER: Final = "tests/contract/events/golden"


class FrozenError(ValueError):
    """An event that may already be on its way was changed so that old and new do not understand each other."""


def files() -> dict[str, str]:
    """The golden files of all event classes, with what is frozen in them kept."""
    return {path: _text(kept(event, path)) for event in discovery.events() for path in [path_of(event)]}


def path_of(event: type[Event]) -> str:
    """Where the golden file of an event class lies."""
    return f"{FOLDER}/{event.type}.v{event.version}.json"


def kept(event: type[Event], path: str) -> dict[str, Any]:
    """The golden file's contents: what it has, and a new edition where fields were added. Raises `FrozenError`."""
    file = ROOT / path
    editions = json.loads(file.read_text(encoding="utf-8"))["editions"] if file.is_file() else []
    now = edition_of(event)
    if not editions or editions[-1]["fields"] != now["fields"]:
        if editions:
            _refuse_breaking(event, editions[-1]["fields"], now["fields"])
        editions.append(now)
    return {"type": event.type, "version": event.version, "source": event.source, "editions": editions}


def edition_of(event: type[Event]) -> dict[str, Any]:
    """The fields of an event class as they are now, and two bodies."""
    return {
        "fields": {name: asdict(shape) for name, shape in shapes.shape_of(event).items()},
        "full": shapes.example_body(event, full=True).decode(),
        "least": shapes.example_body(event, full=False).decode(),
    }


def _refuse_breaking(event: type[Event], before: dict[str, Any], now: dict[str, Any]) -> None:
    changed = sorted(name for name in before if now.get(name) != before[name])
    demanded = sorted(name for name in now if name not in before and not now[name]["null"])
    if changed or demanded:
        raise FrozenError(
            f"{event.type} version {event.version}: {', '.join(changed + demanded)} changed, was removed or is"
            f" demanded anew; make version {event.version + 1}, or remove {path_of(event)} where none ever went out"
        )


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
