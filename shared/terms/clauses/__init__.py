"""All clauses, one module a subject, listed in the order of their numbers and found by their id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from shared.terms.clause import Clause, index_by_id
from shared.terms.clauses import (
    collection,
    documents,
    duties,
    erasure,
    incidents,
    messages,
    monitoring,
    parties,
    protection,
    rights,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBJECTS: Final = (
    documents, collection, messages, rights, protection, monitoring, erasure, incidents, duties, parties,
)  # fmt: skip
BY_ID: Final[Mapping[str, Clause]] = MappingProxyType(
    index_by_id([each for subject in SUBJECTS for each in vars(subject).values() if isinstance(each, Clause)])
)
CLAUSES: Final[tuple[Clause, ...]] = tuple(BY_ID.values())


class UnknownClauseError(LookupError):
    """No clause bears this id; `make terms` lists those that exist."""


def clause(clause_id: str) -> Clause:
    """Return the clause of this id, or raise `UnknownClauseError`."""
    try:
        return BY_ID[clause_id]
    except KeyError:
        raise UnknownClauseError(f"there is no clause {clause_id!r}") from None
