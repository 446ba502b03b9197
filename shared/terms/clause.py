"""What a clause is: one promise of the published terms, in our own words, with its place in the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shared.terms.source import DATED, Reference, reference

if TYPE_CHECKING:
    from collections.abc import Sequence

CLAUSE_ID: Final = re.compile(r"[A-Z]{2,9}-[1-9][0-9]?")


class Text(NamedTuple):
    """A phrase in Norwegian and English, written for a reader who does not know the program."""

    nb: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain JSON values."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Structure:
    """How a clause is kept by construction, where no rule decides anything: a grant, a column that is not there.

    `where` is the file that builds it; a test fails when that file is gone.
    """

    nb: str
    en: str
    where: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain JSON values."""
        return {"nb": self.nb, "en": self.en, "where": self.where}


@dataclass(frozen=True, slots=True)
class Value:
    """The figure a clause promises: an amount of a unit, and the parameter that carries it where there is one."""

    amount: int
    unit: str
    parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One promise.

    `id` is what rules, tests and people name it by; `number` is its place among the 85.  `nb` and `en` restate the
    promise and never quote the source; `source` says on which lines of it the promise stands.  `built` is what
    keeps it beside the rules.  `missing` are the parts that nothing keeps yet: with one of them it is kept in part
    at most, however many of its tests pass; whoever builds a part removes it there.  `unwatched` says why nothing
    in a running system could show that it is not kept, where no probe watches it.
    """

    id: str
    number: int
    nb: str
    en: str
    source: tuple[Reference, ...]
    value: Value | None = None
    built: tuple[Structure, ...] = ()
    missing: tuple[Text, ...] = ()
    unwatched: Text | None = None
    effective: date = DATED

    def __post_init__(self) -> None:
        if not CLAUSE_ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is not a clause id such as ERASE-1")
        if not (self.nb and self.en and self.source):
            raise ValueError(f"{self.id} needs its promise in both languages and its place in the source")

    @property
    def cited(self) -> str:
        """The places in the source, such as `I 4 (L59), II 8 (L204)`."""
        return ", ".join(str(place) for place in self.source)

    def as_json(self) -> dict[str, Any]:
        """Return the clause as plain JSON values."""
        return {
            "id": self.id,
            "number": self.number,
            "promise": {"nb": self.nb, "en": self.en},
            "source": [place.as_json() for place in self.source],
            "value": None if self.value is None else {"amount": self.value.amount, "unit": self.value.unit},
            "effective": self.effective.isoformat(),
        }


def cite(*lines: int) -> tuple[Reference, ...]:
    """Return the references for these line numbers of the source."""
    return tuple(reference(line) for line in lines)


def index_by_id(clauses: Sequence[Clause]) -> dict[str, Clause]:
    """Return the clauses by id; raise `ValueError` where an id or a number stands twice."""
    by_id: dict[str, Clause] = {}
    numbers: set[int] = set()
    for clause in sorted(clauses, key=lambda each: each.number):
        if clause.id in by_id or clause.number in numbers:
            raise ValueError(f"{clause.id} or its number {clause.number} is given to two clauses")
        by_id[clause.id] = clause
        numbers.add(clause.number)
    return by_id
