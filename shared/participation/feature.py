"""Takes part in forgetting for any service: hears what retention orders, and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared import tombstones
from shared.bus import Feature, every, handles
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.events import Received
from shared.participation import steps
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
    HoldPlaced,
    HoldReleased,
    RestrictionLifted,
    RestrictionSet,
)
from shared.participation.participant import Participant
from shared.participation.values import Erasure, Purpose, Step
from shared.privacy import restricted

BATCHES: Final = 100
"""So many batches of old answers are forgotten at a time."""


class Participation(Feature):
    """The whole conversation, around what one participant does of its own."""

    def __init__(self, database: Database, clock: Clock, participant: Participant) -> None:
        """`participant` is the service's own part."""
        self._database = database
        self._clock = clock
        self._participant = participant

    @handles(ErasureOrdered)
    def erase(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Erase what is not held, and say what that came to.

        A repeated order erases what has come since, and gets the first answer again.
        """
        now = self._clock.now()
        erasure = _erasure(message.event, Purpose.ORDERED, message.event.erasure_id, now)
        step = self._participant.erase(tx, erasure)
        if step is not None:
            restricted.erase(tx, erasure.account_id, erasure.user_id, erasure.held)
            complete(tx, erasure.id, step, now)

    @handles(ErasureDryRunOrdered)
    def try_erasure(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Erase, count and undo it."""
        now = self._clock.now()
        erasure = _erasure(message.event, Purpose.DRY_RUN, message.event.dry_run_id, now)
        with tx.undone():
            step = self._participant.erase(tx, erasure)
        if step is None:
            raise TypeError("a dry run is answered at once")
        answer = ErasureDryRunAnswered.foreseen(erasure.id, tx.outbox.source, step.counts, step.retained)
        tx.outbox.add(answer, now=now)

    @handles(HoldPlaced)
    def begin_hold(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held for a dispute: it may only be stored (L59, L204)."""
        restricted.hold(tx, message.event.hold_id, message.event, message.time)

    @handles(HoldReleased)
    def end_hold(self, message: Received[HoldReleased], tx: Transaction) -> None:
        """A hold is over."""
        restricted.lift(tx, message.event.hold_id, message.time)

    @handles(RestrictionSet)
    def begin_restriction(self, message: Received[RestrictionSet], tx: Transaction) -> None:
        """A person had the processing restricted: the data may only be stored (L39)."""
        restricted.restrict(tx, message.event.restriction_id, message.event, message.time)

    @handles(RestrictionLifted)
    def end_restriction(self, message: Received[RestrictionLifted], tx: Transaction) -> None:
        """A restriction is over, and the person was told before."""
        restricted.lift(tx, message.event.restriction_id, message.time)

    @every(seconds=600, irreversible=True)
    def forget_erasure_steps(self) -> None:
        """Forget what was answered to erasures that no backup can undo any more."""
        before = tombstones.forgotten_before(self._clock.now())
        for _ in range(BATCHES):
            with self._database.transaction() as tx:
                if not steps.forget(tx, before):
                    return


def complete(tx: Transaction, erasure_id: UUID, step: Step, now: datetime) -> None:
    """An erasure is carried out here: say what it came to, as it was said the first time."""
    first_step = steps.keep(tx, erasure_id, step, now)
    tx.outbox.add(
        ErasureStepCompleted.done(erasure_id, tx.outbox.source, first_step.counts, first_step.retained), now=now
    )


def _erasure(order: ErasureOrdered | ErasureDryRunOrdered, purpose: Purpose, id_: UUID, now: datetime) -> Erasure:
    return Erasure(
        purpose=purpose, id=id_, account_id=order.account_id, user_id=order.user_id, held=order.held, at=now
    )
