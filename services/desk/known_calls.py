"""Every call that the vendor's people make, by the name of what it is: for whoever gets the name as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from shared.bus import discovery
from shared.calls import Call
from shared.errors import NotFound
from shared.staff import act_name
from shared.system import SERVICES

OF_EVERY_SERVICE: Final = "shared.bus.every_service_calls"
"""By name: whoever names the module makes its calls (`deploy.generators.broker_calls`)."""

CallClass = type[Call[Any]]


def known_call(service: str, method: str) -> CallClass:
    """The class of a call that staff make. Raises `NotFound`."""
    found = known_calls().get(act_name(service, method))
    if found is None:
        raise NotFound("Staff make no such call.")
    return found


@cache
def known_calls() -> Mapping[str, CallClass]:
    """All that declare what they are where staff make them, by `<service>.<method>`."""
    found: dict[str, CallClass] = {}
    for call in _declared():
        for service in [call.service] if call.service else SERVICES:
            found[act_name(service, call.method)] = call
    return MappingProxyType(found)


def _declared() -> Iterator[CallClass]:
    for module in (import_module(OF_EVERY_SERVICE), *discovery.modules("calls")):
        for member in vars(module).values():
            own = isinstance(member, type) and issubclass(member, Call) and member.__module__ == module.__name__
            if own and member.staff is not None and hasattr(member, "reply"):
                yield member
