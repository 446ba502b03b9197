"""Which rules keep each clause, and which probes watch it: `enforcement.json`, made from the code.

`make generate` writes the file and `make verify` compares it, so that whoever shows the promises need not import
the services.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from shared.terms.clause import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.terms.rule_registry import Enforcement

FILE: Final = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True, order=True)
class Probe:
    """One look at the running system that would show a clause not to be kept; `seconds` may lie between two."""

    service: str
    name: str
    says: Text
    seconds: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"service": self.service, "name": self.name, **self.says.as_json(), "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Enforced:
    """What stands behind one clause in the code: rules by their full names, and probes."""

    rules: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()


def to_json(rules: Sequence[Enforcement], probes: Mapping[str, Sequence[Probe]]) -> str:
    """Return the contents of the file; `probes` are those of each clause."""
    by_clause: dict[str, dict[str, list[Any]]] = {}
    for rule in rules:
        for clause_id in rule.clause_ids:
            by_clause.setdefault(clause_id, {}).setdefault("rules", []).append(rule.name)
    for clause_id, watched in probes.items():
        by_clause.setdefault(clause_id, {})["probes"] = [each.as_json() for each in sorted(watched)]
    return json.dumps(dict(sorted(by_clause.items())), ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Mapping[str, Enforced]:
    """Return what stands behind each clause that anything stands behind."""
    return MappingProxyType(
        {
            clause_id: Enforced(
                rules=tuple(each.get("rules", ())),
                probes=tuple(
                    Probe(one["service"], one["name"], Text(one["nb"], one["en"]), one["seconds"])
                    for one in each.get("probes", ())
                ),
            )
            for clause_id, each in json.loads(text).items()
        }
    )


@cache
def enforced() -> Mapping[str, Enforced]:
    """Return what stands behind each clause as this version was made."""
    return from_json(FILE.read_text(encoding="utf-8"))
