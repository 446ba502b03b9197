"""Finds what the services declare; `shared` knows none of them by name, the folders below `services` tell."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from shared.bus import every_service_events
from shared.bus.declarations import Service
from shared.database.migrate import ROOT
from shared.events import Event
from shared.participation import events as participation_events

FOLDER: Final = ROOT / "services"


def services() -> list[type[Service]]:
    """Every service class below `services/`, in order of name."""
    found = {
        member.name: member
        for module in modules("service")
        for member in vars(module).values()
        if _is_own(member, module, Service) and hasattr(member, "name")
    }
    return [found[name] for name in sorted(found)]


def events() -> list[type[Event]]:
    """Every event class below `services/`, and those that services share, by type and version.

    Raises `ValueError` where two classes have the same type and version.
    """
    found: dict[tuple[str, int], type[Event]] = {}
    for module in (every_service_events, participation_events, *modules("events")):
        for member in vars(module).values():
            if not _is_own(member, module, Event) or not hasattr(member, "type"):
                continue
            key = (member.type, member.version)
            if key in found:
                raise ValueError(f"{member.type} version {member.version} is declared twice")
            found[key] = member
    return [found[key] for key in sorted(found)]


def modules(room: str) -> Iterator[ModuleType]:
    """The modules of this name: of each service, and of each of its features."""
    for path in sorted((*FOLDER.glob(f"*/{room}.py"), *FOLDER.glob(f"*/*/{room}.py"))):
        yield importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _is_own(member: Any, module: ModuleType, base: type) -> bool:
    return inspect.isclass(member) and issubclass(member, base) and member.__module__ == module.__name__
