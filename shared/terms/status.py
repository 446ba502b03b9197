"""How each promise stands, by what the tests said of these files and what the probes saw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from shared.terms.clauses import CLAUSES
from shared.terms.enforcement import Enforced, enforced
from shared.terms.outcomes import FAILED, PASSED, Check
from shared.terms.proof import Look, Proof, Seen, Watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shared.terms.clause import Clause

Looks = dict[tuple[str, str], Look]
"""The last look of each probe, by its service and its name there."""


class Standing(Enum):
    """Where a promise stands."""

    KEPT = "kept"
    """It is enforced as a whole, all its tests passed on these files, and every probe saw that it holds."""
    PROVED = "proved"
    """The same, but there was no running system to look at."""
    PARTLY = "partly"
    """The same of a part; what is missing is named."""
    FAILED = "failed"
    """A test of these files failed, or a probe saw otherwise."""
    NOT_CHECKED = "not checked"
    """Something enforces it, but a test was not run on these files, or a probe has not looked in time."""
    NOT_YET = "not yet"
    """Nothing enforces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseStatus:
    """A clause with all that is known of it.

    `checks` are its tests and what they said of exactly these files, `released` what was signed of others.
    `watched` are its probes; None where there was no running system to look at.
    """

    clause: Clause
    enforced: Enforced = field(default_factory=Enforced)
    checks: tuple[Check, ...] = ()
    released: tuple[Check, ...] = ()
    watched: tuple[Watched, ...] | None = None

    @property
    def is_enforced(self) -> bool:
        """Whether anything keeps it, in part at least."""
        return bool(self.enforced.rules or self.clause.built)

    @property
    def passed(self) -> int:
        """How many of its tests passed on these files."""
        return sum(check.outcome == PASSED for check in self.checks)

    @property
    def standing(self) -> Standing:
        """Where the promise stands; nothing is called kept that was not checked as a whole."""
        seen = {each.seen for each in self.watched or ()}
        if Seen.CONTRADICTED in seen or any(check.outcome == FAILED for check in self.checks):
            return Standing.FAILED
        if not self.is_enforced:
            return Standing.NOT_YET
        if not self.checks or self.passed < len(self.checks) or Seen.NOT_CHECKED in seen:
            return Standing.NOT_CHECKED
        if self.clause.missing:
            return Standing.PARTLY
        return Standing.PROVED if self.watched is None and self.enforced.probes else Standing.KEPT

    def as_json(self) -> dict[str, Any]:
        """Return the status as plain JSON values, fit for the public page."""
        return {
            **self.clause.as_json(),
            "standing": self.standing.value,
            "rules": list(self.enforced.rules),
            "structures": [each.as_json() for each in self.clause.built],
            "tests": {"passed": self.passed, "of": len(self.checks)},
            "checks": [{"test": check.test, "outcome": check.outcome} for check in self.checks],
            "probes": [each.as_json() for each in self.watched or ()],
            "unwatched": self.clause.unwatched and self.clause.unwatched.as_json(),
            "missing": [each.as_json() for each in self.clause.missing],
        }


def status(
    proof: Proof | None = None,
    looks: Looks | None = None,
    now: datetime | None = None,
    *,
    by_clause: Mapping[str, Enforced] | None = None,
) -> list[ClauseStatus]:
    """Return how every clause stands, in the order of their numbers.

    `looks` are what the probes saw until `now`; None where there is no running system.  `by_clause` is what
    stands behind each clause, by default in this version.
    """
    proof = proof or Proof()
    known = enforced() if by_clause is None else by_clause
    return [_status_of(each, known.get(each.id, Enforced()), proof, looks, now) for each in CLAUSES]


def _status_of(
    each: Clause, behind: Enforced, proof: Proof, looks: Looks | None, now: datetime | None
) -> ClauseStatus:
    watched = None
    if looks is not None and now is not None:
        watched = tuple(
            Watched(probe=probe, look=looks.get((probe.service, probe.name)), now=now) for probe in behind.probes
        )
    return ClauseStatus(
        clause=each,
        enforced=behind,
        checks=proof.checks.get(each.id, ()),
        released=proof.released.get(each.id, ()),
        watched=watched,
    )


def totals(statuses: Iterable[ClauseStatus]) -> dict[str, int]:
    """Return how many clauses stand where, every standing named even when it counts none."""
    counted = Counter(each.standing for each in statuses)
    return {standing.value: counted[standing] for standing in Standing}
