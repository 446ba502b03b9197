"""What of the account may only be stored: held for a dispute, or restricted by the person."""

from __future__ import annotations

from shared.bus import Service, handles
from shared.database import Transaction
from shared.events import Received
from shared.participation.events import HoldPlaced, HoldReleased, RestrictionLifted, RestrictionSet
from shared.privacy import restricted


class Restricting(Service):
    """Hears of holds and restrictions, in whatever order, and remembers those in force."""

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
