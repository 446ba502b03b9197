"""Restrictions of GDPR article 18: set at once, lifted only after the person was told (L39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.retention import calls, facts, holds_rules, holds_store, telling
from services.retention.calls import (
    AnnounceLift,
    LiftRestriction,
    RestrictionShown,
    RestrictionsShown,
    SetRestriction,
)
from services.retention.holds import Holds
from services.retention.holds_values import Restriction
from shared import calendar, log
from shared.bus import answers
from shared.bus.alarms import Waiting, alarm
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict
from shared.identifiers import new_id
from shared.terms.parameters import in_force

LIFT_LETTER: Final = "restriction_will_be_lifted"
TELLING_LIMIT: Final = timedelta(days=3)
"""A letter that has not left by then does not reach the person by itself."""

logger = log.get("retention.restrictions")


class Restrictions(Holds):
    """Setting restrictions, telling that they end, and ending them."""

    @answers(SetRestriction)
    def set_restriction(self, call: SetRestriction) -> RestrictionShown:
        """From now on the data of this person, or of the account, may only be stored."""
        now = self.clock.now()
        restriction = Restriction(
            id=call.restriction_id or new_id(),
            account_id=call.account_id,
            user_id=call.user_id,
            ground=call.ground,
            requested_on=call.requested_on,
            set_by=call.actor,
            set_at=now,
        )
        scope = (restriction.account_id, restriction.user_id)
        self._must_exist(restriction.account_id, (restriction.user_id,) if restriction.user_id else ())
        with self.database.transaction() as tx, acting_as(call.actor):
            holds_store.lock_account(tx, restriction.account_id)
            there = holds_store.find_restriction(tx, restriction.id)
            if there is not None:
                if (there.account_id, there.user_id) != scope:
                    raise Conflict("there is another restriction with this id")
                return _shown(there)
            known = holds_store.erasures(tx, restriction.account_id)
            decided = holds_rules.restrict(restriction, known=known, now=now)
            self._keep(tx, decided, now)
            self._write(facts.of_restriction(restriction))
        logger.info("a restriction was set", restriction_id=restriction.id)
        return _shown(decided.restriction)

    @answers(AnnounceLift)
    def announce_lift(self, call: AnnounceLift) -> RestrictionShown:
        """Have the person told that the restriction ends: by letter, or note that it was done otherwise."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(call.actor):
            restriction = holds_store.restriction(tx, call.restriction_id, locked=True)
            decided = holds_rules.announce_lift(restriction, channel=call.channel, actor=call.actor, now=now)
            kept = self._keep(tx, decided, now)
        return _shown(kept)

    @answers(LiftRestriction)
    def lift_restriction(self, call: LiftRestriction) -> RestrictionShown:
        """End a restriction whose person was told; an erasure that is due goes on with the next run."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(call.actor):
            holds_store.lock_account(tx, holds_store.restriction(tx, call.restriction_id).account_id)
            restriction = holds_store.restriction(tx, call.restriction_id, locked=True)
            decided = holds_rules.lift(restriction, actor=call.actor, now=now)
            self._keep(tx, decided, now)
            holds_store.resume(tx, restriction.account_id, now)
            self._write(facts.of_lift(decided.restriction))
        logger.info("a restriction was lifted", restriction_id=call.restriction_id)
        return _shown(decided.restriction)

    @answers(calls.Restrictions)
    def restrictions(self, call: calls.Restrictions) -> RestrictionsShown:
        """Restrictions in force, or lifted, oldest first."""
        with self.database.transaction() as tx:
            listed = holds_store.list_restrictions(tx, **call.given())
        return RestrictionsShown(restrictions=tuple(map(_shown, listed)))

    # ── what waits for a person ───────────────────────────────────────────────────────────────────────────

    @alarm(
        "restrictions_to_lift",
        says="restrictions whose person was told that they are over by now",
        act="vilkar restrict list",
    )
    def restrictions_to_lift(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The day that the person was told has passed."""
        days = map(holds_rules.lift_from, holds_store.told_and_not_lifted(tx))
        passed = [day for day in days if day < calendar.oslo_date(now)]
        return Waiting(len(passed), calendar.start_of_day_oslo(min(passed))) if passed else None

    @alarm(
        "restrictions_not_told",
        says="restrictions whose person the letter about their end has not reached",
        act="vilkar restrict announce-lift --told-by",
    )
    def restrictions_not_told(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The person has to be told by telephone, by post or in person."""
        return Waiting.of(holds_store.announced_and_not_told(tx, now - TELLING_LIMIT))

    @alarm(
        "restrictions_long", says="restrictions in force for long without a decision", act="vilkar restrict list"
    )
    def long_restrictions(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A restriction has no review date of its own: it is looked at as often as a hold."""
        days = in_force("hold.review", calendar.oslo_date(now)).default
        return Waiting.of(holds_store.long_restricted(tx, now - timedelta(days=days)))

    def _keep(self, tx: Transaction, decided: holds_rules.RestrictionDecided, now: datetime) -> Restriction:
        """Keep a decision and tell it; an announced end remembers the event that the letter will be about."""
        kept = decided.restriction
        if decided.event is not None:
            event_id = telling.tell(tx, decided.event, now)
            if kept.announced_at == now:
                kept = replace(kept, announcement_id=event_id)
        holds_store.keep_restriction(tx, kept)
        return kept

    def note_told(self, tx: Transaction, cause: UUID | None, letter: str, at: datetime, *, sent: bool) -> None:
        """Note that the letter about the end of a restriction has left, or did not arrive.

        `cause` is the event that asked for the letter, so that no other letter of the same kind is taken for it.
        """
        if letter != LIFT_LETTER or cause is None:
            return
        there = holds_store.announced_by(tx, cause)
        if there is None:
            return
        after = holds_rules.told_by_letter(there, at) if sent else holds_rules.not_told(there)
        if after is not there:
            holds_store.keep_restriction(tx, after)


def _shown(restriction: Restriction) -> RestrictionShown:
    told_at = restriction.told_at
    if restriction.lifted_at is not None:
        state = "lifted"
    elif told_at is not None:
        state = "told"
    else:
        state = "announced" if restriction.announced_at else "set"
    return RestrictionShown(
        restriction_id=restriction.id,
        state=state,
        account_id=restriction.account_id,
        user_id=restriction.user_id,
        ground=restriction.ground,
        requested_on=restriction.requested_on,
        set_by=restriction.set_by,
        set_at=restriction.set_at,
        announced_at=restriction.announced_at,
        told_at=told_at,
        told_by=restriction.told_by,
        lift_from=holds_rules.lift_from(told_at) if told_at else None,
        lifted_at=restriction.lifted_at,
        lifted_by=restriction.lifted_by,
    )
