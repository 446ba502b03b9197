"""A plain nameko service that takes part: forgets what it is ordered to, and hands out what it holds for copies.

    python -m examples.plain_participant AMQP_URI

Two settings of ours make its word count: retention waits for it where `VILKAR_ERASURE_PARTICIPANTS` names it, and
listens to its exchange where `VILKAR_OUTSIDE_SERVICES` does. An order comes again until its step is completed, and
gets the same answer again. What the order says is held stays, and the answer says so: `legal_hold`.

For copies of what is held it hears `export.ordered`, which says of whom one is made, and answers `export_part` for
what was ordered alone: whoever asks names no person. `VILKAR_OUTSIDE_CONTRIBUTORS` has account ask it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nameko.events import EventDispatcher, event_handler
from nameko.rpc import rpc

SEATS = {"table": "seats", "nb": "Plasser", "en": "Seats"}
COLUMNS = [{"name": "user_id", "nb": "bruker", "en": "user", "origin": "provided"}]
EVERYBODY = "00000000-0000-0000-0000-000000000000"


class NotOrderedError(Exception):
    """No copy was ordered under this id, or of somebody who was erased since."""


class Nogd:
    """Keeps seats by account, its answers and the copies that were ordered in memory; a real one has a database."""

    name = "nogd"

    dispatch = EventDispatcher(mandatory=True, confirm_timeout=5)
    seats: ClassVar[dict[str, list[str]]] = {}
    steps: ClassVar[dict[str, dict[str, Any]]] = {}
    copies: ClassVar[dict[str, dict[str, Any]]] = {}

    # An order whose handling fails goes back to the queue: nameko would otherwise acknowledge and lose it.
    @event_handler("retention", "erasure.ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def forget(self, payload: dict[str, Any]) -> None:
        """Forget the account, or one of its users, and report how many rows went."""
        ordered = payload["data"]
        erasure_id, account_id = ordered["erasure_id"], ordered["account_id"]
        gone, retained = self.what_goes(ordered)
        self.end_copies(account_id, ordered.get("user_id"))
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

    @event_handler("account", "export.ordered", requeue_on_error=True)  # type: ignore[untyped-decorator]
    def hear_order(self, payload: dict[str, Any]) -> None:
        """A copy is made of an account, or of one of its users: what is fetched for it now is handed out."""
        self.copies[payload["data"]["export_id"]] = payload["data"]

    @rpc  # type: ignore[untyped-decorator]
    def export_part(self, export_id: str, after: str | None = None) -> dict[str, Any]:
        """A page of what is held on whom this copy was ordered of. Here one page has it all: nothing follows.

        Of more, `following` says where the next page begins, and comes back as `after`.
        """
        del after
        ordered = self.copies.get(export_id)
        if ordered is None:
            raise NotOrderedError(export_id)
        seats = self.seats.get(ordered["account_id"], [])
        rows = [{"user_id": seat} for seat in seats if ordered.get("user_id") in (None, seat)]
        return {"page": {**SEATS, "columns": COLUMNS, "rows": rows}, "following": None}

    def end_copies(self, account_id: str, user_id: str | None) -> None:
        """Nothing is handed out any more of whoever is erased, nor for a copy of the account that they are in."""
        for export_id, ordered in list(self.copies.items()):
            if ordered["account_id"] == account_id and (
                user_id is None or ordered.get("user_id") in (None, user_id)
            ):
                del self.copies[export_id]

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
