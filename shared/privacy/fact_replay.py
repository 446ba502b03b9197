"""Each fact of the ledger goes to whoever knows what it means in a database, after a backup has set that back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from shared.database import Transaction
from shared.privacy.ledger_lines import Entry


class FactReplayer(Protocol):
    """Makes some kinds of facts true again, and gets no others. Both may be done any number of times."""

    @property
    def facts(self) -> frozenset[str]:
        """The kinds: members of `Kind`, and `kind_of` an event that this database replays."""

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later one of the same thing is true already."""

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""


class Replayers:
    """All that is made true again in one database. Those that know the same kind take turns in their order."""

    def __init__(self, *several: FactReplayer, is_empty: Callable[[Transaction], bool]) -> None:
        """`is_empty` says whether the database holds nobody at all: it is new, so it has nothing to forget."""
        self._several = several
        self.is_empty = is_empty

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        for each in self._of(entry.kind):
            each.replay(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        return all(each.verify(tx, entry) for each in self._of(entry.kind))

    def knows(self, kind: str) -> bool:
        """Whether anybody makes facts of this kind true."""
        return bool(self._of(kind))

    def settle(self, tx: Transaction) -> bool:
        """Make true what was put off, where anything is: no fact is, unless a service says so."""
        del tx
        return False

    def _of(self, kind: str) -> list[FactReplayer]:
        return [each for each in self._several if kind in each.facts]
