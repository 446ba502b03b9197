"""What the facts of the ledger mean in a participant's database, when a backup has set it back behind them."""

from __future__ import annotations

from datetime import datetime

from shared.database import Transaction
from shared.participation import steps
from shared.participation.export_orders import OrdersReplay
from shared.participation.participant import Participant
from shared.participation.values import Erasure, Purpose
from shared.privacy import restricted
from shared.privacy.fact_replay import FactReplayer, Replayers
from shared.privacy.ledger_lines import Entry, Kind


class _Erasures:
    """Erases again who was erased."""

    facts = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})

    def __init__(self, participant: Participant) -> None:
        self._participant = participant

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Erase what is not held, and remember what that came to."""
        erasure = _erasure(tx, entry)
        step = self._participant.erase(tx, erasure)
        if step is not None:
            restricted.erase(tx, erasure.account_id, erasure.user_id, erasure.held)
            steps.keep(tx, erasure.id, step, entry.at)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing is left, but for what was held."""
        partial = restricted.was_partial(entry)
        return partial or not self._participant.is_left(tx, entry.account_id, entry.user_id)


class ParticipantReplayer(Replayers):
    """Erases again who was erased, and restricts again what was restricted; the rest is the service's own."""

    def __init__(self, participant: Participant, *others: FactReplayer) -> None:
        """`others` are for the facts that only this service knows."""
        super().__init__(
            _Erasures(participant),
            OrdersReplay(),
            restricted.RestrictionReplay(),
            *others,
            is_empty=participant.is_empty,
        )


class NothingToReplay(Replayers):
    """For a service that keeps nothing about a customer: no fact of the ledger is about what it has."""

    def __init__(self) -> None:
        """Nobody is known here."""
        super().__init__(is_empty=lambda _tx: True)


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
