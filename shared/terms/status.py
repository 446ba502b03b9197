"""How each promise stands: kept, failed, not run, or not yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from shared.terms.gaps import GAPS, Gap
from shared.terms.index import CLAUSES
from shared.terms.outcomes import FAILED, PASSED, Check
from shared.terms.registry import Enforcement, registered
from shared.terms.structures import STRUCTURES, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.terms.clause import Clause


class Standing(Enum):
    """Where a promise stands."""

    KEPT = "kept"
    """Something enforces it, and its checks have passed."""
    FAILED = "failed"
    """At least one of its checks has failed."""
    NOT_RUN = "not run"
    """Something enforces it, but no check of it has passed since it was last recorded."""
    NOT_YET = "not yet"
    """Nothing enforces it, or a part of it is known to be missing."""


@dataclass(frozen=True, slots=True)
class ClauseStatus:
    """A clause with the rules and structures that enforce it, its checks, its gaps, and where it stands."""

    clause: Clause
    rules: tuple[str, ...]
    structures: tuple[Structure, ...]
    checks: tuple[Check, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def standing(self) -> Standing:
        """Where the promise stands; a check keeps nothing where nothing enforces, or a part is missing."""
        words = {check.outcome for check in self.checks}
        if FAILED in words:
            return Standing.FAILED
        if self.gaps or not (self.rules or self.structures):
            return Standing.NOT_YET
        return Standing.KEPT if PASSED in words else Standing.NOT_RUN

    def as_json(self) -> dict[str, Any]:
        """Return the status as plain JSON values, fit for the public page."""
        return {
            **self.clause.as_json(),
            "standing": self.standing.value,
            "rules": list(self.rules),
            "structures": [each.as_json() for each in self.structures],
            "checks": [{"test": check.test, "outcome": check.outcome} for check in self.checks],
            "missing": [gap.as_json() for gap in self.gaps],
        }


def status(
    outcomes: Mapping[str, Iterable[Check]],
    enforcements: Sequence[Enforcement] | None = None,
    structures: Sequence[Structure] = STRUCTURES,
    gaps: Sequence[Gap] = GAPS,
) -> list[ClauseStatus]:
    """Return how every clause stands, in the order of their numbers.

    `outcomes` are the recorded checks by clause id.  Without `enforcements` those registered in this process count;
    call `shared.terms.discovery.load_rules` first to have them all.
    """
    known = registered() if enforcements is None else enforcements
    return [
        ClauseStatus(
            clause=each,
            rules=tuple(rule.name for rule in known if each.id in rule.clause_ids),
            structures=tuple(one for one in structures if one.clause_id == each.id),
            checks=tuple(sorted(outcomes.get(each.id, ()))),
            gaps=tuple(gap for gap in gaps if gap.clause_id == each.id),
        )
        for each in CLAUSES
    ]


def totals(statuses: Iterable[ClauseStatus]) -> dict[str, int]:
    """Return how many clauses stand where, every standing named even when it counts none."""
    counted = Counter(each.standing for each in statuses)
    return {standing.value: counted[standing] for standing in Standing}
