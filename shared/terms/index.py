"""All clauses, in the order of their numbers, and the way to one by its id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from shared.terms import (
    collection,
    documents,
    duties,
    erasure,
    incidents,
    messages,
    parties,
    protection,
    rights,
    watch,
)
from shared.terms.clause import index_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.terms.clause import Clause

BY_ID: Final[Mapping[str, Clause]] = MappingProxyType(
    index_by_id(
        [
            *documents.CLAUSES,
            *collection.CLAUSES,
            *messages.CLAUSES,
            *rights.CLAUSES,
            *protection.CLAUSES,
            *watch.CLAUSES,
            *erasure.CLAUSES,
            *incidents.CLAUSES,
            *duties.CLAUSES,
            *parties.CLAUSES,
        ]
    )
)
CLAUSES: Final[tuple[Clause, ...]] = tuple(BY_ID.values())


class UnknownClauseError(LookupError):
    """No clause bears this id; `python -m shared.terms` lists those that exist."""


def clause(clause_id: str) -> Clause:
    """Return the clause of this id, or raise `UnknownClauseError`."""
    try:
        return BY_ID[clause_id]
    except KeyError:
        raise UnknownClauseError(f"there is no clause {clause_id!r}") from None
