"""Holds: two persons stop the erasure of what a dispute needs, and a person ends that again (L59, L204)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.cases.disputes.calls import DisputeCalled
from services.retention.erasure import event_ids
from services.retention.erasure import store as erasures
from services.retention.erasure.standing import must_exist
from services.retention.holds import calls, facts, rules, store
from services.retention.holds.calls import (
    HoldShown,
    HoldsShown,
    OverdueHoldsCounted,
    PlaceHold,
    ReleaseHold,
    RenewHold,
)
from services.retention.holds.values import Hold
from services.retention.suspended_erasures import store as suspensions
from shared import calendar, log
from shared.bus import Feature, answers, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import check_reaches, spend, two_persons
from shared.calls import Caller
from shared.case_references import REFERENCE
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.privacy.ledger_lines import Fact
from shared.terms.clauses import erasure

logger = log.get("retention.holds")


@dataclass(kw_only=True, eq=False)
class Holds(Feature):
    """Places, renews and releases holds, and reports whose review is overdue."""

    database: Database
    clock: Clock
    caller: Caller
    append_fact: Callable[[Fact], None]

    # ── decisions ─────────────────────────────────────────────────────────────────────────────────────────────

    @answers(PlaceHold)
    def place_hold(self, call: PlaceHold) -> HoldShown:
        """Hold an account, persons of it, or categories: nothing of that is erased or changed until the release."""
        now, persons = self.clock.now(), two_persons()
        distinct = {name: tuple(dict.fromkeys(getattr(call, name))) for name in ("user_ids", "categories")}
        responsible = {
            "requested_by": persons.requested_by,
            "approved_by": persons.approved_by,
            "owner": str(call.owner),
        }
        fields = {name: value for name, value in call.given().items() if name != "hold_id"} | distinct | responsible
        hold = Hold(**fields, id=call.hold_id or new_id(), placed_at=now, as_of=now)
        must_exist(self.caller, hold.account_id, hold.user_ids)
        hold = self._of_dispute(hold)
        with self.database.transaction() as tx, acting_as(hold.approved_by):
            suspensions.lock_account(tx, hold.account_id)
            placed = store.find(tx, hold.id)
            if placed is not None:
                shown = self._placed_before(placed, hold)
                spend(tx, now, again=True)
                return shown
            spend(tx, now)
            known = [stored.erasure for stored in erasures.of_account(tx, hold.account_id)]
            active = suspensions.active_holds(tx, hold.account_id)
            decided = rules.place(hold, known=known, active=active, now=now)
            store.save(tx, decided.hold)
            event_ids.publish(tx, decided.event, now)
            self.append_fact(facts.placed(hold))
        logger.info("a hold was placed", hold_id=hold.id)
        return self._shown(hold, not_covered=rules.not_covered(hold, known))

    def _of_dispute(self, hold: Hold) -> Hold:
        """The hold with the dispute that it is for. Raises as `DisputeCalled`."""
        if not REFERENCE.fullmatch(hold.case_ref):
            return hold
        dispute = self.caller.ask(DisputeCalled(reference=hold.case_ref, account_id=hold.account_id))
        return replace(hold, case_id=dispute.case_id)

    def _placed_before(self, placed: Hold, asked: Hold) -> HoldShown:
        if (placed.account_id, placed.held, placed.case_ref) != (asked.account_id, asked.held, asked.case_ref):
            raise Conflict("there is another hold with this id")
        return self._shown(placed)

    @answers(RenewHold)
    def renew_hold(self, call: RenewHold) -> HoldShown:
        """Let a hold stand until a new review date, after a person has reviewed it."""
        now, persons = self.clock.now(), two_persons()
        with self.database.transaction() as tx, acting_as(persons.approved_by):
            spend(tx, now)
            hold = store.get(tx, call.hold_id, locked=True)
            if call.account_id not in (None, hold.account_id):
                raise NotFound("this customer has no such hold")
            decided = rules.renew(
                hold,
                reason=call.reason,
                requested_by=persons.requested_by,
                approved_by=persons.approved_by,
                review_on=call.review_on,
                owner=None if call.owner is None else str(call.owner),
                now=now,
            )
            store.save(tx, decided.hold)
            event_ids.publish(tx, decided.event, now)
            self.append_fact(facts.placed(decided.hold))
        return self._shown(decided.hold)

    @answers(ReleaseHold)
    def release_hold(self, call: ReleaseHold) -> HoldShown:
        """End a hold: where the date has passed, what it kept is erased with the next run."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(str(call.actor)):
            spend(tx, now)
            account_id = store.get(tx, call.hold_id).account_id
            check_reaches(account_id)
            suspensions.lock_account(tx, account_id)
            hold = store.get(tx, call.hold_id, locked=True)
            decided = rules.release(hold, reason=call.reason, actor=call.actor, now=now)
            store.save(tx, decided.hold)
            suspensions.resume(tx, hold.account_id, now)
            event_ids.publish(tx, decided.event, now)
            self.append_fact(facts.released(decided.hold))
        logger.info("a hold was released", hold_id=call.hold_id)
        return self._shown(decided.hold)

    # ── jobs and alarms ───────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=60)
    def report_overdue_reviews(self) -> None:
        """Publish weekly whose review date has passed; no hold is released or lengthened by that."""
        now = self.clock.now()
        today = calendar.oslo_date(now)
        with self.database.transaction() as tx:
            for hold in store.overdue(tx, today):
                decided = rules.report_overdue(hold, today)
                if decided is not None:
                    store.save(tx, decided.hold)
                    tx.outbox.add(decided.event, now=now)
                    logger.warning("the review of a hold is overdue", hold_id=hold.id)

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="utsettelser som er over, og som skulle vært slettet",
        en="holds that are over and should have been deleted",
        seconds=HOURLY,
    )
    def holds_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every hour."""
        with tx.undone():
            return store.purge(tx, now - timedelta(days=1))

    @every(seconds=3600, irreversible=True)
    def purge_holds(self) -> None:
        """Forget holds that were released half a year ago."""
        with self.database.transaction() as tx:
            store.purge(tx, self.clock.now())

    @probe(
        erasure.HOLD_IN_DISPUTE,
        nb="slettinger av noe som skulle vært holdt tilbake",
        en="erasures of what should have been held back",
        seconds=HOURLY,
    )
    def erased_while_held(self, tx: Transaction, _now: datetime) -> Row | None:
        """They could still be stopped after the hold was placed, and before it was released."""
        return store.erased_while_held(tx)

    @probe(
        erasure.HOLD_NO_LONGER_THAN_NEEDED,
        nb="utsettelser som ikke er vurdert på nytt i tide",
        en="holds that were not reviewed in time",
    )
    @alarm("hold_reviews", says="holds whose review date has passed", act="vilkar hold list overdue")
    def holds_to_review(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody has renewed or released them."""
        waiting = store.reviews_waiting(tx, calendar.oslo_date(now))
        if waiting is None:
            return None
        count, review_on = waiting
        return Waiting(count, calendar.start_of_day_oslo(review_on + timedelta(days=1)))

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Holds)
    def holds(self, call: calls.Holds) -> HoldsShown:
        """Holds that are active, overdue or released, the next review first."""
        today = calendar.oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            listed = store.listed(tx, call, today)
        page, following = cut(listed, call.limit, lambda hold: Place(hold.review_on, hold.id))
        return HoldsShown(holds=tuple(map(self._shown, page)), next_after=following)

    @answers(calls.CountOverdueHolds)
    def count_overdue_holds(self, _call: calls.CountOverdueHolds) -> OverdueHoldsCounted:
        """How many wait for a review whose date has passed."""
        today = calendar.oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            count, first = store.reviews_waiting(tx, today) or (0, None)
        return OverdueHoldsCounted(count=count, first_review_on=first)

    @answers(calls.Hold)
    def hold(self, call: calls.Hold) -> HoldShown:
        """One hold."""
        with self.database.transaction() as tx:
            hold = store.get(tx, call.hold_id)
        check_reaches(hold.account_id)
        return self._shown(hold)

    def _shown(self, hold: Hold, *, not_covered: Sequence[UUID] = ()) -> HoldShown:
        today = calendar.oslo_date(self.clock.now())
        overdue = "overdue" if rules.is_overdue(hold, today) else "active"
        return HoldShown.of(
            hold,
            hold_id=hold.id,
            state=overdue if hold.released_at is None else "released",
            age_days=calendar.days_between(hold.starts_on, today),
            not_covered=tuple(not_covered),
        )
