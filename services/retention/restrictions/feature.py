"""Restrictions of GDPR article 18: set at once, lifted only after the person was told (L39)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.retention.erasure import event_ids
from services.retention.erasure import store as erasures
from services.retention.erasure.standing import must_exist
from services.retention.restrictions import calls, facts, rules, store
from services.retention.restrictions.calls import (
    AnnounceLift,
    LiftRestriction,
    RestrictionShown,
    RestrictionsShown,
    SetRestriction,
)
from services.retention.restrictions.values import Restriction
from services.retention.suspended_erasures import store as suspensions
from shared import calendar, log
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import check_reaches, spend
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Conflict
from shared.events import Received
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.privacy.ledger_lines import Fact
from shared.terms.clauses import erasure, rights
from shared.terms.parameters import in_force

LIFT_LETTER: Final = "restriction_will_be_lifted"
TELLING_LIMIT: Final = timedelta(days=3)
"""A letter that has not left by then does not reach the person by itself."""

logger = log.get("retention.restrictions")


@dataclass(kw_only=True, eq=False)
class Restrictions(Feature):
    """Sets restrictions, has their persons told that they end, and ends them."""

    database: Database
    clock: Clock
    caller: Caller
    append_fact: Callable[[Fact], None]

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
            set_by=str(call.actor),
            set_at=now,
        )
        must_exist(self.caller, restriction.account_id, [restriction.user_id] if restriction.user_id else [])
        with self.database.transaction() as tx, acting_as(str(call.actor)):
            suspensions.lock_account(tx, restriction.account_id)
            set_before = store.find(tx, restriction.id)
            if set_before is not None:
                if (set_before.account_id, set_before.user_id) != (restriction.account_id, restriction.user_id):
                    raise Conflict("there is another restriction with this id")
                return _shown(set_before)
            spend(tx, now)
            known = [stored.erasure for stored in erasures.of_account(tx, restriction.account_id)]
            decided = rules.restrict(restriction, known=known, now=now)
            self._save(tx, decided, now)
            self.append_fact(facts.restriction_set(restriction))
        logger.info("a restriction was set", restriction_id=restriction.id)
        return _shown(decided.restriction)

    @answers(AnnounceLift)
    def announce_lift(self, call: AnnounceLift) -> RestrictionShown:
        """Have the person told that the restriction ends: by letter, or note that it was done otherwise."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(str(call.actor)):
            spend(tx, now)
            restriction = store.get(tx, call.restriction_id, locked=True)
            check_reaches(restriction.account_id)
            decided = rules.announce_lift(restriction, channel=call.channel, actor=call.actor, now=now)
            saved = self._save(tx, decided, now)
        return _shown(saved)

    @answers(LiftRestriction)
    def lift_restriction(self, call: LiftRestriction) -> RestrictionShown:
        """End a restriction whose person was told; an erasure that is due goes on with the next run."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(str(call.actor)):
            spend(tx, now)
            account_id = store.get(tx, call.restriction_id).account_id
            check_reaches(account_id)
            suspensions.lock_account(tx, account_id)
            restriction = store.get(tx, call.restriction_id, locked=True)
            decided = rules.lift(restriction, actor=call.actor, now=now)
            self._save(tx, decided, now)
            suspensions.resume(tx, restriction.account_id, now)
            self.append_fact(facts.lifted(decided.restriction))
        logger.info("a restriction was lifted", restriction_id=call.restriction_id)
        return _shown(decided.restriction)

    @answers(calls.Restrictions)
    def restrictions(self, call: calls.Restrictions) -> RestrictionsShown:
        """Restrictions in force, or lifted, oldest first."""
        with self.database.transaction() as tx:
            listed = store.listed(tx, call)
        page, following = cut(listed, call.limit, lambda each: Place(each.set_at, each.id))
        return RestrictionsShown(restrictions=tuple(map(_shown, page)), next_after=following)

    # ── what waits for a person ───────────────────────────────────────────────────────────────────────────────

    @probe(
        rights.RIGHT_TO_OBJECT_OR_RESTRICT,
        nb="slettinger av noe som bare skulle lagres",
        en="erasures of what was only to be stored",
        seconds=HOURLY,
    )
    def erased_while_restricted(self, tx: Transaction, _now: datetime) -> Row | None:
        """They could still be stopped after the restriction was set, and before it was lifted."""
        return store.erased_while_restricted(tx)

    @alarm(
        "restrictions_to_lift",
        says="restrictions whose person was told that they are over by now",
        act="vilkar restrict list",
    )
    def restrictions_to_lift(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The day that the person was told has passed."""
        days = map(rules.lift_from, store.told_and_not_lifted(tx))
        passed = [day for day in days if day < calendar.oslo_date(now)]
        return Waiting(len(passed), calendar.start_of_day_oslo(min(passed))) if passed else None

    @alarm(
        "restrictions_not_told",
        says="restrictions whose person the letter about their end has not reached",
        act="vilkar restrict announce-lift --told-by",
    )
    def restrictions_not_told(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The person has to be told by telephone, by post or in person."""
        return Waiting.of(store.announced_and_not_told(tx, now - TELLING_LIMIT))

    @alarm(
        "restrictions_long", says="restrictions in force for long without a decision", act="vilkar restrict list"
    )
    def long_restrictions(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A restriction has no review date of its own: it is looked at as often as a hold."""
        days = in_force("hold.review", calendar.oslo_date(now)).default
        return Waiting.of(store.long_restricted(tx, now - timedelta(days=days)))

    @staticmethod
    def _save(tx: Transaction, decided: rules.RestrictionDecided, now: datetime) -> Restriction:
        """Save a decision and publish it; an announced end remembers the event that the letter will be about."""
        restriction = decided.restriction
        if decided.event is not None:
            event_id = event_ids.publish(tx, decided.event, now)
            if restriction.announced_at == now:
                restriction = replace(restriction, announcement_id=event_id)
        store.save(tx, restriction)
        return restriction

    # ── event handlers and jobs ───────────────────────────────────────────────────────────────────────────────

    @handles(NotificationSent)
    def note_announcement_sent(self, message: Received[NotificationSent], tx: Transaction) -> None:
        """The letter about the end of a restriction has left."""
        announced = _announced_by(tx, message)
        if announced is not None:
            store.save(tx, rules.told_by_letter(announced, message.time))

    @handles(NotificationFailed)
    def note_announcement_failed(self, message: Received[NotificationFailed], tx: Transaction) -> None:
        """The letter did not arrive; whom none reached is told otherwise."""
        announced = _announced_by(tx, message)
        if announced is not None:
            store.save(tx, rules.not_told(announced))

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="begrensninger som er over, og som skulle vært slettet",
        en="restrictions that are over and should have been deleted",
        seconds=HOURLY,
    )
    def restrictions_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every hour."""
        with tx.undone():
            return store.purge(tx, now - timedelta(days=1))

    @every(seconds=3600, irreversible=True)
    def purge_restrictions(self) -> None:
        """Forget restrictions that were lifted half a year ago."""
        with self.database.transaction() as tx:
            store.purge(tx, self.clock.now())


def _announced_by(
    tx: Transaction, message: Received[NotificationSent] | Received[NotificationFailed]
) -> Restriction | None:
    """The restriction whose end the letter announced.

    The letter's cause is the event that asked for it, so that no other letter of the same kind is taken for it.
    """
    if message.event.letter != LIFT_LETTER or message.causation_id is None:
        return None
    return store.announced_by(tx, message.causation_id)


def _shown(restriction: Restriction) -> RestrictionShown:
    told_at = restriction.told_at
    if restriction.lifted_at is not None:
        state = "lifted"
    elif told_at is not None:
        state = "told"
    else:
        state = "announced" if restriction.announced_at else "set"
    lift_from = rules.lift_from(told_at) if told_at else None
    return RestrictionShown.of(restriction, restriction_id=restriction.id, state=state, lift_from=lift_from)
