"""A plain nameko service that takes part in erasures: hears `erasure.ordered`, forgets, and says so.

    python -m examples.plain_participant AMQP_URI

Two settings of ours make its word count: retention waits for it where `VILKAR_ERASURE_PARTICIPANTS` names it, and
listens to its exchange where `VILKAR_OUTSIDE_SERVICES` does. An order comes again until its step is completed;
forgetting twice must do no harm.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nameko.events import EventDispatcher, event_handler

from examples.running import run


class Nogd:
    """Keeps seats by account, in memory; a real service has a database."""

    name = "nogd"

    dispatch = EventDispatcher(mandatory=True, confirm_timeout=5)
    seats: ClassVar[dict[str, list[str]]] = {}

    # An order whose handling fails goes back to the queue: nameko would otherwise acknowledge and lose it.
    @event_handler("retention", "erasure.ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def forget(self, payload: dict[str, Any]) -> None:
        """Forget the account, or one of its users, and report how many rows went."""
        ordered = payload["data"]
        account_id, user_id = ordered["account_id"], ordered.get("user_id")
        before = self.seats.pop(account_id, [])
        left = [seat for seat in before if user_id is not None and seat != user_id]
        if left:
            self.seats[account_id] = left
        self.dispatch(
            "erasure.step_completed",
            {
                "erasure_id": ordered["erasure_id"],
                "participant": self.name,
                "outcome": "done",
                "counts": {"seats": len(before) - len(left)},
                "retained": [],
            },
        )

    @event_handler("retention", "erasure.dry_run_ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def foresee(self, payload: dict[str, Any]) -> None:
        """Say how many rows the same order would take, and take none. Who does not answer is shown as silent."""
        ordered = payload["data"]
        user_id = ordered.get("user_id")
        seats = self.seats.get(ordered["account_id"], [])
        counted = [seat for seat in seats if user_id in (None, seat)]
        self.dispatch(
            "erasure.dry_run_answered",
            {
                "dry_run_id": ordered["dry_run_id"],
                "participant": self.name,
                "counts": {"seats": len(counted)},
                "retained": [],
            },
        )


if __name__ == "__main__":
    run(Nogd)
