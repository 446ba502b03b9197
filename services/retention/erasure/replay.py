"""What the facts of the ledger mean in retention's own database, when a backup has set it back behind them.

Each feature makes its own facts true again: clocks begin and end as they did, and nobody is told a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.retention.erasure import store
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, Kind


class FactReplayer(Protocol):
    """What one feature makes true again."""

    facts: frozenset[Kind]

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later one about the same thing is."""

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""


class RetentionReplayer:
    """Makes clocks, returns, early requests, holds, restrictions and erasures true again."""

    def __init__(self, features: Sequence[FactReplayer]) -> None:
        """Those that know of the same fact make it true in this order."""
        self._features = features

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        for feature in self._of(entry):
            feature.replay(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        return all(feature.verify(tx, entry) for feature in self._of(entry))

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nothing was ever to be erased."""
        return store.is_empty(tx)

    def _of(self, entry: Entry) -> list[FactReplayer]:
        return [feature for feature in self._features if entry.kind in feature.facts]
