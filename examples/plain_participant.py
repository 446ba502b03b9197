"""A plain nameko service that takes part in erasures: hears `erasure.ordered`, forgets, and says so.

    python -m examples.plain_participant AMQP_URI

Two settings of ours make its word count: retention waits for it where `VILKAR_ERASURE_PARTICIPANTS` names it, and
listens to its exchange where `VILKAR_OUTSIDE_SERVICES` does. An order comes again until its step is completed, and
gets the same answer again. What the order says is held stays, and the answer says so: `legal_hold`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nameko.events import EventDispatcher, event_handler

EVERYBODY = "00000000-0000-0000-0000-000000000000"


class Nogd:
    """Keeps seats by account, and what it answered, in memory; a real service has a database."""

    name = "nogd"

    dispatch = EventDispatcher(mandatory=True, confirm_timeout=5)
    seats: ClassVar[dict[str, list[str]]] = {}
    steps: ClassVar[dict[str, dict[str, Any]]] = {}

    # An order whose handling fails goes back to the queue: nameko would otherwise acknowledge and lose it.
    @event_handler("retention", "erasure.ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def forget(self, payload: dict[str, Any]) -> None:
        """Forget the account, or one of its users, and report how many rows went."""
        ordered = payload["data"]
        erasure_id, account_id = ordered["erasure_id"], ordered["account_id"]
        gone, retained = self.what_goes(ordered)
        left = [seat for seat in self.seats.pop(account_id, []) if seat not in gone]
        if left:
            self.seats[account_id] = left
        step = self.steps.setdefault(erasure_id, {"counts": {"seats": len(gone)}, "retained": retained})
        answer = {"erasure_id": erasure_id, "participant": self.name, "outcome": "done", **step}
        self.dispatch("erasure.step_completed", answer)

    @event_handler("retention", "erasure.dry_run_ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def foresee(self, payload: dict[str, Any]) -> None:
        """Say how many rows the same order would take, and take none. Who does not answer is shown as silent."""
        ordered = payload["data"]
        gone, retained = self.what_goes(ordered)
        answer = {"dry_run_id": ordered["dry_run_id"], "participant": self.name, "retained": retained}
        self.dispatch("erasure.dry_run_answered", answer | {"counts": {"seats": len(gone)}})

    def what_goes(self, ordered: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The seats in the scope that are not held, and what to say of the others.

        Who is held and in which category are two lists of equal length; seats are in no category of their own.
        """
        user_id = ordered.get("user_id")
        pairs = zip(ordered.get("held_users") or [], ordered.get("held_categories") or [], strict=True)
        held = {person for person, category in pairs if category == "everything"}
        seats = [seat for seat in self.seats.get(ordered["account_id"], []) if user_id in (None, seat)]
        gone = [seat for seat in seats if not {seat, EVERYBODY} & held]
        return gone, ["legal_hold"] if len(gone) < len(seats) else []


if __name__ == "__main__":
    from examples.running import run

    run(Nogd)
