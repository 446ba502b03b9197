"""Holds: two persons stop the erasure of what a dispute needs, and a person ends that again (L59, L204)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.retention import facts, holds_rules, holds_schemas, holds_store, store, telling
from services.retention.holds_schemas import Hold
from services.retention.ledger_writing import LedgerWriting
from services.retention.schemas import State
from shared import calendar, log
from shared.bus import every, rpc
from shared.bus.alarms import Waiting, alarm
from shared.calls import Caller
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict, Invalid, NotFound
from shared.identifiers import new_id

ASKING_SECONDS: Final = 20.0
COMPLETIONS: Final = 50

logger = log.get("retention.holds")


class Holds(LedgerWriting):
    """Placing, renewing and releasing holds; telling what is overdue; erasing at last what was held."""

    caller: Caller

    def _must_exist(self, account_id: UUID, user_ids: tuple[UUID, ...]) -> None:
        """Raise `NotFound` where there is no such account or person: such a hold would keep nothing."""
        for user_id in user_ids or (None,):
            self.caller.call(
                "account", "standing", account_id=str(account_id), user_id=str(user_id) if user_id else None
            )

    # ── decisions ─────────────────────────────────────────────────────────────────────────────────────────

    @rpc(
        holds_schemas.PlaceHold,
        holds_schemas.HoldShown,
        errors=(Invalid, Conflict, NotFound),
        timeout_seconds=ASKING_SECONDS,
    )
    def place_hold(self, request: dict[str, Any]) -> dict[str, Any]:
        """Hold an account, persons of it, or categories: nothing of that is erased or changed until the release."""
        now, hold_id = self.clock.now(), request.pop("hold_id") or new_id()
        said: dict[str, Any] = request | {
            name: tuple(dict.fromkeys(request[name])) for name in ("user_ids", "categories")
        }
        hold = Hold(**said, id=hold_id, placed_at=now, as_of=now)
        self._must_exist(hold.account_id, hold.user_ids)
        with self.database.transaction() as tx, acting_as(hold.approved_by):
            holds_store.lock_account(tx, hold.account_id)
            there = holds_store.find_hold(tx, hold.id)
            if there is not None:
                return self._again(there, hold)
            known = holds_store.erasures(tx, hold.account_id)
            active = len(holds_store.active_holds(tx, hold.account_id))
            decided = holds_rules.place(hold, known=known, active=active, now=now)
            holds_store.keep_hold(tx, decided.hold)
            telling.tell(tx, decided.event, now)
            self._write(facts.of_hold(hold))
        logger.info("a hold was placed", hold_id=hold.id)
        return self._shown_hold(hold) | {"not_covered": list(holds_rules.not_covered(hold, known))}

    def _again(self, there: Hold, asked: Hold) -> dict[str, Any]:
        if (there.account_id, there.held, there.case_ref) != (asked.account_id, asked.held, asked.case_ref):
            raise Conflict("there is another hold with this id")
        return self._shown_hold(there)

    @rpc(holds_schemas.RenewHold, holds_schemas.HoldShown, errors=(Invalid, Conflict, NotFound))
    def renew_hold(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let a hold stand until a new review date, after a person has reviewed it."""
        now, hold_id = self.clock.now(), request.pop("hold_id")
        with self.database.transaction() as tx, acting_as(request["approved_by"]):
            decided = holds_rules.renew(holds_store.hold(tx, hold_id, locked=True), **request, now=now)
            holds_store.keep_hold(tx, decided.hold)
            telling.tell(tx, decided.event, now)
            self._write(facts.of_hold(decided.hold))
        return self._shown_hold(decided.hold)

    @rpc(holds_schemas.ReleaseHold, holds_schemas.HoldShown, errors=(Conflict, NotFound))
    def release_hold(self, request: dict[str, Any]) -> dict[str, Any]:
        """End a hold: where the date has passed, what it kept is erased with the next run."""
        now, hold_id = self.clock.now(), request["hold_id"]
        with self.database.transaction() as tx, acting_as(request["actor"]):
            holds_store.lock_account(tx, holds_store.hold(tx, hold_id).account_id)
            hold = holds_store.hold(tx, hold_id, locked=True)
            decided = holds_rules.release(hold, reason=request["reason"], actor=request["actor"], now=now)
            holds_store.keep_hold(tx, decided.hold)
            holds_store.resume(tx, hold.account_id, now)
            telling.tell(tx, decided.event, now)
            self._write(facts.of_release(decided.hold))
        logger.info("a hold was released", hold_id=hold_id)
        return self._shown_hold(decided.hold)

    # ── on time ───────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=60)
    def tell_overdue_reviews(self) -> None:
        """Tell of holds whose review date has passed, weekly; none is released or lengthened by that."""
        now = self.clock.now()
        today = calendar.oslo_date(now)
        with self.database.transaction() as tx:
            for hold in holds_store.overdue(tx, today):
                decided = holds_rules.tell_overdue(hold, today)
                if decided is not None:
                    holds_store.keep_hold(tx, decided.hold)
                    tx.outbox.add(decided.event, now=now)
                    logger.warning("the review of a hold is overdue", hold_id=hold.id)

    @every(seconds=1)
    def complete(self) -> None:
        """Plan the erasure of what earlier ones kept, once it is not held any more."""
        with self.database.transaction() as tx:
            found = holds_store.to_complete(tx, COMPLETIONS)
        for row in found:
            with self.database.transaction() as tx:
                holds_store.lock_account(tx, row["account_id"])
                self._complete_one(tx, row["id"])

    def _complete_one(self, tx: Transaction, erasure_id: UUID) -> None:
        kept = store.get(tx, erasure_id, locked=True)
        if kept is None or kept.erasure.state is not State.CERTIFIED:
            return
        parts = holds_store.parts(tx, kept.erasure.scope)
        made = holds_rules.completes(kept.erasure, parts, new_id=new_id(), now=self.clock.now())
        if made is None:
            holds_store.hold_on(tx, erasure_id, parts)
        elif holds_store.follow_up(tx, erasure_id):
            store.add(tx, made)
            logger.info("what was held is erased now", erasure_id=made.id)

    @every(seconds=3600, irreversible=True)
    def forget_ended(self) -> None:
        """Forget holds and restrictions that ended half a year ago."""
        with self.database.transaction() as tx:
            holds_store.forget(tx, self.clock.now())

    @alarm("hold_reviews", says="holds whose review date has passed", act="vilkar hold list overdue")
    def holds_to_review(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody has renewed or released them."""
        found = holds_store.reviews_waiting(tx, calendar.oslo_date(now))
        return Waiting(found[0], calendar.start_of_day_oslo(found[1] + timedelta(days=1))) if found else None

    # ── what it answers ───────────────────────────────────────────────────────────────────────────────────

    @rpc(holds_schemas.ListHolds, holds_schemas.HoldsShown)
    def holds(self, request: dict[str, Any]) -> dict[str, Any]:
        """Holds that are active, overdue or released, the next review first."""
        today = calendar.oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            found = holds_store.list_holds(tx, **request, today=today)
        return {"holds": [self._shown_hold(hold) for hold in found]}

    @rpc(holds_schemas.OfHold, holds_schemas.HoldShown, errors=(NotFound,))
    def hold(self, request: dict[str, Any]) -> dict[str, Any]:
        """One hold."""
        with self.database.transaction() as tx:
            return self._shown_hold(holds_store.hold(tx, request["hold_id"]))

    def _shown_hold(self, hold: Hold) -> dict[str, Any]:
        today = calendar.oslo_date(self.clock.now())
        overdue = "overdue" if holds_rules.is_overdue(hold, today) else "active"
        return {
            **{name: getattr(hold, name) for name in Hold.__slots__},
            "hold_id": hold.id,
            "state": overdue if hold.released_at is None else "released",
            "age_days": calendar.days_between(hold.starts_on, today),
        }
