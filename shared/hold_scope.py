"""What of an account is kept although the rest is erased: persons and categories that a dispute or a person needs.

A hold (legal claims, L59, L204) or a restriction (GDPR article 18) covers persons of an account, or everybody in it
and the company itself, and categories of data, or everything. Each service declares which of its tables belong to
which category; nothing else of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

EVERYBODY: Final = UUID(int=0)
"""Stands for all persons of the account and the company itself, where a list must name somebody."""

EVERYTHING: Final = "everything"
"""Stands for all categories, where a list must name one."""

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "company": "the company's own name, address, telephone and number",
        "profile": "name, address and telephone of a person",
        "login_events": "when somebody logged in, and from where",
        "agreements": "who accepted which document for the company",
        "support": "what a person wrote to support and was answered",
        "letters": "which letters went to a person and what became of them, notices of answers among them",
        "objections": "what a person declined, and addresses that take no letters",
        "cases": "whom a case is about, such as an incident",
        "registers": "mandates and agreements of a company, and whom of its people they name",
        "audit_trail": "whom the references of the audit trail stand for",
        "billing_copy": "customer and contacts at Tripletex",
    }
)
"""The closed list of what a hold may be narrowed to. Sessions, links and digests of passwords prove nothing."""

LEGAL_HOLD: Final = "legal_hold"
"""What a participant of an erasure says it retained where it kept something that is held."""

Pair = tuple[UUID | None, str]
"""A person, or None for everybody and the company, and a category or `EVERYTHING`."""


@dataclass(frozen=True, slots=True)
class Held:
    """What of one account is held."""

    pairs: frozenset[Pair] = frozenset()

    @classmethod
    def over(cls, user_ids: Iterable[UUID], categories: Iterable[str]) -> Held:
        """Every named category of every named person; none named means all of them."""
        persons: list[UUID | None] = list(user_ids) or [None]
        kinds = list(categories) or [EVERYTHING]
        return cls(frozenset((person, kind) for person in persons for kind in kinds))

    @classmethod
    def told(cls, users: Sequence[UUID] | None, categories: Sequence[str] | None) -> Held:
        """Read from two lists of equal length, as an order carries them; raise `ValueError` where they differ."""
        return cls(
            frozenset(
                (None if user == EVERYBODY else user, str(category))
                for user, category in zip(users or (), categories or (), strict=True)
            )
        )

    def __bool__(self) -> bool:
        """Whether anything is held."""
        return bool(self.pairs)

    def __or__(self, other: Held) -> Held:
        """What one or the other holds."""
        return Held(self.pairs | other.pairs)

    def covers(self, user_id: UUID | None, category: str) -> bool:
        """Whether this category of this person is held; `user_id` None asks for the company itself."""
        persons = {None, user_id}
        return any((person, kind) in self.pairs for person in persons for kind in (category, EVERYTHING))

    def includes(self, other: Held) -> bool:
        """Whether all that the other holds is held here too."""
        return all(
            self.covers(person, kind) if kind != EVERYTHING else self.whole(person) for person, kind in other.pairs
        )

    def whole(self, user_id: UUID | None) -> bool:
        """Whether everything of this person is held; `user_id` None asks for the whole account."""
        return (None, EVERYTHING) in self.pairs or (user_id, EVERYTHING) in self.pairs

    def within(self, user_id: UUID | None) -> Held:
        """What of it concerns this person; None asks for all."""
        if user_id is None:
            return self
        return Held(frozenset(pair for pair in self.pairs if pair[0] in (None, user_id)))

    def users_of(self, category: str) -> set[UUID]:
        """The persons of whom this category is held by name."""
        return {person for person, kind in self.pairs if person is not None and kind in (category, EVERYTHING)}

    def columns(self) -> dict[str, list[Any]]:
        """Two lists of equal length, in a fixed order: for a query and for an event."""
        ordered = list(self._ordered())
        return {
            "held_users": [person or EVERYBODY for person, _ in ordered],
            "held_categories": [kind for _, kind in ordered],
        }

    def _ordered(self) -> Iterator[Pair]:
        yield from sorted(self.pairs, key=lambda pair: (pair[0] or EVERYBODY, pair[1]))


NOTHING_HELD: Final = Held()
