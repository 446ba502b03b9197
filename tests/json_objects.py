"""Walking through JSON documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def every_object(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document, the outermost first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from every_object(each)
    elif isinstance(value, list):
        for each in value:
            yield from every_object(each)
