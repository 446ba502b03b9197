"""Settings of a stand-in that can be changed while it runs, and survive a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Collection


class RuntimeSettings:
    """Named values with defaults; a change must keep the kind of value."""

    def __init__(self, collection: Collection, name: str, defaults: Mapping[str, Any]) -> None:
        """Values live in `collection` under `name`; what was never changed follows `defaults`."""
        self._collection = collection
        self._name = name
        self._defaults = dict(defaults)

    def __getitem__(self, knob: str) -> Any:
        changed = self._collection.get(self._name) or {}
        return changed.get(knob, self._defaults[knob])

    def all(self) -> dict[str, Any]:
        """Every knob with its present value."""
        return {**self._defaults, **(self._collection.get(self._name) or {})}

    def turn(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change some values and return all. Raises `ValueError` for an unknown knob or a wrong kind of value."""
        for knob, value in changes.items():
            if knob not in self._defaults:
                raise ValueError(f"unknown setting {knob!r}; known: {', '.join(self._defaults)}")
            default = self._defaults[knob]
            wanted = (int, float) if isinstance(default, (int, float)) else (type(default),)
            if not isinstance(value, wanted) or isinstance(value, bool) is not isinstance(default, bool):
                raise ValueError(f"{knob} must be of type {type(default).__name__}")  # one error kind for callers
        if changes:
            self._collection.put(self._name, {**(self._collection.get(self._name) or {}), **changes})
        return self.all()
