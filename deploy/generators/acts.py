"""`shared/acts.json`: what staff may do in which part, from the classes of the calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from shared.bus import discovery
from shared.bus.declarations import AnswersSpec, Service, specifications
from shared.bus.every_service import EveryService
from shared.calls import Call
from shared.staff import PATH, Act, KnownAct, act_name, table_of


def file() -> dict[str, str]:
    """The file by its path: a line for each act, so that a difference says who may do more."""
    rows = (f'  "{name}": {json.dumps(row)}' for name, row in table_of(_acts()).items())
    return {PATH: "{\n" + ",\n".join(rows) + "\n}\n"}


def answered_by(service: type[Service]) -> dict[str, type[Call[Any]]]:
    """Every call that a service answers, those that every service answers among them, by its method."""
    specs = (spec for owner in (service, EveryService) for _, spec in specifications(owner))
    return {spec.call.method: spec.call for spec in specs if isinstance(spec, AnswersSpec)}


def _acts() -> Iterator[KnownAct]:
    for service in discovery.services():
        for method, call in answered_by(service).items():
            if isinstance(call.staff, Act):
                name = act_name(service.name, method)
                yield KnownAct(name=name, changes=call.is_command or call.staff.changes, act=call.staff)
