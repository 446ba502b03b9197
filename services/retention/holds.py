"""Holds: two persons stop the erasure of what a dispute needs, and a person ends that again (L59, L204)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.companies.calls import Standing
from services.retention import calls, facts, holds_rules, holds_store, store, telling
from services.retention.calls import HoldShown, HoldsShown, PlaceHold, ReleaseHold, RenewHold
from services.retention.holds_values import Hold
from services.retention.ledger_writing import LedgerWriting
from services.retention.values import State
from shared import calendar, log
from shared.bus import answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calls import Caller
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict
from shared.identifiers import new_id

COMPLETIONS: Final = 50

logger = log.get("retention.holds")


class Holds(LedgerWriting):
    """Placing, renewing and releasing holds; telling what is overdue; erasing at last what was held."""

    caller: Caller

    def _must_exist(self, account_id: UUID, user_ids: tuple[UUID, ...]) -> None:
        """Raise `NotFound` where there is no such account or person: such a hold would keep nothing."""
        for user_id in user_ids or (None,):
            self.caller.ask(Standing(account_id=account_id, user_id=user_id))

    # ── decisions ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(PlaceHold)
    def place_hold(self, call: PlaceHold) -> HoldShown:
        """Hold an account, persons of it, or categories: nothing of that is erased or changed until the release."""
        now = self.clock.now()
        distinct = {name: tuple(dict.fromkeys(getattr(call, name))) for name in ("user_ids", "categories")}
        fields = {name: value for name, value in call.given().items() if name != "hold_id"} | distinct
        hold = Hold(**fields, id=call.hold_id or new_id(), placed_at=now, as_of=now)
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
        return self._shown_hold(hold, not_covered=holds_rules.not_covered(hold, known))

    def _again(self, there: Hold, asked: Hold) -> HoldShown:
        if (there.account_id, there.held, there.case_ref) != (asked.account_id, asked.held, asked.case_ref):
            raise Conflict("there is another hold with this id")
        return self._shown_hold(there)

    @answers(RenewHold)
    def renew_hold(self, call: RenewHold) -> HoldShown:
        """Let a hold stand until a new review date, after a person has reviewed it."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(call.approved_by):
            decided = holds_rules.renew(
                holds_store.hold(tx, call.hold_id, locked=True),
                reason=call.reason,
                requested_by=call.requested_by,
                approved_by=call.approved_by,
                review_on=call.review_on,
                now=now,
            )
            holds_store.keep_hold(tx, decided.hold)
            telling.tell(tx, decided.event, now)
            self._write(facts.of_hold(decided.hold))
        return self._shown_hold(decided.hold)

    @answers(ReleaseHold)
    def release_hold(self, call: ReleaseHold) -> HoldShown:
        """End a hold: where the date has passed, what it kept is erased with the next run."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(call.actor):
            holds_store.lock_account(tx, holds_store.hold(tx, call.hold_id).account_id)
            hold = holds_store.hold(tx, call.hold_id, locked=True)
            decided = holds_rules.release(hold, reason=call.reason, actor=call.actor, now=now)
            holds_store.keep_hold(tx, decided.hold)
            holds_store.resume(tx, hold.account_id, now)
            telling.tell(tx, decided.event, now)
            self._write(facts.of_release(decided.hold))
        logger.info("a hold was released", hold_id=call.hold_id)
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

    @answers(calls.Holds)
    def holds(self, call: calls.Holds) -> HoldsShown:
        """Holds that are active, overdue or released, the next review first."""
        today = calendar.oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            listed = holds_store.list_holds(tx, **call.given(), today=today)
        return HoldsShown(holds=tuple(map(self._shown_hold, listed)))

    @answers(calls.Hold)
    def hold(self, call: calls.Hold) -> HoldShown:
        """One hold."""
        with self.database.transaction() as tx:
            return self._shown_hold(holds_store.hold(tx, call.hold_id))

    def _shown_hold(self, hold: Hold, *, not_covered: Sequence[UUID] = ()) -> HoldShown:
        today = calendar.oslo_date(self.clock.now())
        overdue = "overdue" if holds_rules.is_overdue(hold, today) else "active"
        return HoldShown(
            hold_id=hold.id,
            state=overdue if hold.released_at is None else "released",
            account_id=hold.account_id,
            user_ids=hold.user_ids,
            categories=hold.categories,
            reason=hold.reason,
            case_ref=hold.case_ref,
            owner=hold.owner,
            requested_by=hold.requested_by,
            approved_by=hold.approved_by,
            starts_on=hold.starts_on,
            review_on=hold.review_on,
            age_days=calendar.days_between(hold.starts_on, today),
            placed_at=hold.placed_at,
            overdue_told=hold.overdue_told,
            released_at=hold.released_at,
            released_by=hold.released_by,
            release_reason=hold.release_reason,
            not_covered=tuple(not_covered),
        )
