"""`enforces`: how a rule says which promise it keeps. It records, and changes nothing about the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from shared.terms.clauses import clause

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.terms.clause import Clause

Rule = TypeVar("Rule", bound="Callable[..., object]")


@dataclass(frozen=True, slots=True, order=True)
class Enforcement:
    """A rule and the clauses it enforces."""

    module: str
    qualname: str
    clause_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """The rule's full name, as one would import it."""
        return f"{self.module}.{self.qualname}"


_enforcements: dict[tuple[str, str], Enforcement] = {}


def enforces(*clauses: Clause | str) -> Callable[[Rule], Rule]:
    """Record that the decorated rule enforces these clauses, given as objects or ids.

    Raises `UnknownClauseError` at import for an id that no clause bears, and `ValueError` when none is named.
    """
    if not clauses:
        raise ValueError("a rule enforces at least one clause")
    ids = tuple(clause(each if isinstance(each, str) else each.id).id for each in clauses)

    def record(rule: Rule) -> Rule:
        key = (rule.__module__, rule.__qualname__)
        earlier = _enforcements[key].clause_ids if key in _enforcements else ()
        merged = tuple(dict.fromkeys(earlier + ids))
        _enforcements[key] = Enforcement(*key, merged)
        rule.__clauses__ = merged  # type: ignore[attr-defined]
        return rule

    return record


def enforced_by(rule: Callable[..., object]) -> tuple[str, ...]:
    """Return the ids of the clauses a rule enforces; empty when it claims none."""
    found: tuple[str, ...] = getattr(rule, "__clauses__", ())
    return found


def registered() -> tuple[Enforcement, ...]:
    """Return every enforcement recorded so far in this process, ordered by name."""
    return tuple(sorted(_enforcements.values()))
