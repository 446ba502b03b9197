"""Finds what the services declare; `shared` knows none of them by name, the folders below `services` tell."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, Final, TypeVar

from shared.bus import every_service_events
from shared.bus.declarations import Feature, Service, handles
from shared.database import Transaction
from shared.database.migrate import ROOT
from shared.events import Event, Received
from shared.participation import events as participation_events

FOLDER: Final = ROOT / "services"

F = TypeVar("F", bound=type[Feature])


def services() -> list[type[Service]]:
    """Every service class below `services/`, in order of name."""
    service_classes = {
        member.name: member
        for module in modules("service")
        for member in vars(module).values()
        if _is_own(member, module, Service) and hasattr(member, "name")
    }
    return [service_classes[name] for name in sorted(service_classes)]


def events() -> list[type[Event]]:
    """Every event class below `services/`, and those that services share, by type and version.

    Raises `ValueError` where two classes have the same type and version.
    """
    event_types: dict[tuple[str, int], type[Event]] = {}
    for module in (every_service_events, participation_events, *modules("events")):
        for member in vars(module).values():
            if not _is_own(member, module, Event) or not hasattr(member, "type"):
                continue
            key = (member.type, member.version)
            if key in event_types:
                raise ValueError(f"{member.type} version {member.version} is declared twice")
            event_types[key] = member
    return [event_types[key] for key in sorted(event_types)]


def hears_each(
    events: Iterable[type[Event]], method: str, sources: Callable[[type[Event]], tuple[str, ...]] = lambda _: ()
) -> Callable[[F], F]:
    """Give a feature a listener for each event; all call its `method` with the message and the transaction.

    `sources` says whom an event is heard from that several services publish.
    """

    def listen(feature: F) -> F:
        for event in events:

            def hear(self: Any, message: Received[Event], tx: Transaction) -> None:
                getattr(self, method)(message, tx)

            name = f"{method}_{event.type.replace('.', '_')}_{event.version}"
            hear.__name__ = hear.__qualname__ = name
            setattr(feature, name, handles(event, sources=() if event.source else sources(event))(hear))
        return feature

    return listen


def modules(room: str) -> Iterator[ModuleType]:
    """The modules of this name: of each service, and of each of its features."""
    for path in sorted((*FOLDER.glob(f"*/{room}.py"), *FOLDER.glob(f"*/*/{room}.py"))):
        yield importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _is_own(member: Any, module: ModuleType, base: type) -> bool:
    return inspect.isclass(member) and issubclass(member, base) and member.__module__ == module.__name__
