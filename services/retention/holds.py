"""Holds: two persons stop the erasure of what a dispute needs, and a person ends that again (L59, L204)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from services.retention import facts, holds_rules, holds_schemas, holds_store, store
from services.retention.holds_schemas import Hold
from services.retention.schemas import State
from shared import calendar, log
from shared.bus import Service, every, rpc
from shared.bus.declarations import Caller
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.identifiers import new_id
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import Fact
from shared.privacy.ledger_writer import LedgerWriter

ASKING_SECONDS: Final = 20.0
COMPLETIONS: Final = 50

logger = log.get("retention.holds")


class Holds(Service):
    """Placing, renewing and releasing holds; telling what is overdue; erasing at last what was held."""

    caller: Caller
    ledger: LedgerWriter

    def _write(self, fact: Fact) -> None:
        """Put a fact into the ledger before the transaction commits; a second time does no harm.

        A ledger in disorder is for a person to mend, so the work waits and is not given up.
        """
        try:
            self.ledger.append([fact], self.clock.now())
        except LedgerError as error:
            raise Unavailable(f"the ledger does not take {fact.kind}: {type(error).__name__}") from error

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
            tx.outbox.add(decided.event, now=now)
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
            tx.outbox.add(decided.event, now=now)
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
            self._resume(tx, hold.account_id)
            tx.outbox.add(decided.event, now=now)
            self._write(facts.of_release(decided.hold))
        logger.info("a hold was released", hold_id=hold_id)
        return self._shown_hold(decided.hold)

    def _resume(self, tx: Transaction, account_id: UUID) -> None:
        """Note for erasures that nothing suspends any more since when they may go on."""
        now = self.clock.now()
        for kept in holds_store.waiting(tx, account_id):
            scope = kept.erasure.scope
            after = holds_rules.resume(kept.erasure, calendar.oslo_date(now))
            if after is not kept.erasure and not holds_rules.is_suspended(scope, holds_store.parts(tx, scope)):
                store.save(tx, kept, after, next_at=now)

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

    @every(seconds=3600)
    def forget_ended(self) -> None:
        """Forget holds and restrictions that ended half a year ago."""
        with self.database.transaction() as tx:
            holds_store.forget(tx, self.clock.now())

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
