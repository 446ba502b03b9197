"""What the facts of the ledger mean in a participant's database, when a backup has set it back behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from shared.database import Transaction
from shared.participation import steps
from shared.participation.participant import Participant
from shared.participation.values import Erasure, Purpose
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})


class Facts(Protocol):
    """The facts that only one service knows what to do with; others it passes over."""

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later fact of the same thing is true already."""
        ...

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        ...


class ParticipantReplayer:
    """Erases again who was erased, and restricts again what was restricted; the rest is the service's own."""

    def __init__(self, participant: Participant, facts: Facts | None = None) -> None:
        """`facts` are those beside erasures, holds and restrictions; None where the service has none."""
        self._participant = participant
        self._facts = facts

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        if entry.kind in ERASED:
            erasure = _erasure(tx, entry)
            step = self._participant.erase(tx, erasure)
            if step is not None:
                restricted.erase(tx, erasure.account_id, erasure.user_id, erasure.held)
                steps.keep(tx, erasure.id, step, entry.at)
        elif entry.kind in restricted.FACTS:
            restricted.replay(tx, entry)
        elif self._facts is not None:
            self._facts.replay(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        if entry.kind in ERASED:
            partial = restricted.was_partial(entry)
            return partial or not self._participant.is_left(tx, entry.account_id, entry.user_id)
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        return self._facts is None or self._facts.verify(tx, entry)

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody is known here."""
        return self._participant.is_empty(tx)


class NothingToReplay:
    """For a service that keeps nothing about a customer: no fact of the ledger is about what it has."""

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Pass the fact over."""

    def verify(self, tx: Transaction, entry: Entry) -> bool:  # noqa: ARG002
        """Nothing contradicts it."""
        return True

    def is_empty(self, tx: Transaction) -> bool:  # noqa: ARG002
        """Nobody is known here."""
        return True


def _erasure(tx: Transaction, entry: Entry) -> Erasure:
    since = entry.data.get("since")
    return Erasure(
        purpose=Purpose.REPLAYED,
        id=entry.uuid("erasure_id"),
        account_id=entry.account_id,
        user_id=entry.user_id,
        held=restricted.in_force(tx, entry.account_id).within(entry.user_id),
        at=entry.at,
        inactive_since=datetime.fromisoformat(since) if isinstance(since, str) else None,
    )
