"""Beginning clocks and calling them off, in the transaction of whoever hears or replays that."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.retention.clocks import rules
from services.retention.erasure import event_ids, store
from services.retention.erasure.rules import cancelled_event, scheduled_event
from services.retention.erasure.values import Inactivation, Scope, limits_on
from shared.database import Transaction


def plan(
    tx: Transaction,
    inactivation: Inactivation,
    now: datetime,
    *,
    clock_id: UUID | None = None,
    publish: bool = True,
) -> None:
    """Start the three months for what became inactive, and call off what runs from an earlier time.

    `clock_id` is the id that the ledger has for the clock, so that a restored database begins the same one. A clock
    that the ledger began, faster than the event or because nobody lived to commit what it led to, is published.
    """
    known = {each.erasure.id: each for each in store.of_scope(tx, inactivation.scope)}
    planned = rules.plan_erasure(
        inactivation,
        new_id=clock_id or inactivation.clock_id,
        known=[each.erasure for each in known.values()],
        now=now,
        limits=limits_on(inactivation.promised_on),
        returned_at=store.last_return(tx, inactivation.scope),
    )
    store.apply_all(tx, known, planned, now, publish=publish)
    if publish and not planned:
        for stored in known.values():
            if rules.is_clock_of(stored.erasure, inactivation):
                event_ids.publish(tx, scheduled_event(stored.erasure), now, sequence=stored.version)


def call_off(
    tx: Transaction, scope: Scope, reactivated_at: datetime, now: datetime, *, publish: bool = True
) -> None:
    """Somebody came back: call off what began before, and remember it for a leaving that is heard later."""
    store.keep_return(tx, scope, reactivated_at)
    known = {each.erasure.id: each for each in store.of_scope(tx, scope)}
    for stored in known.values() if publish else ():
        if rules.was_called_off_for(stored.erasure, scope, reactivated_at):
            event_ids.publish(tx, cancelled_event(stored.erasure), now, sequence=stored.version)
    for move in rules.call_off([each.erasure for each in known.values()], scope, reactivated_at, now):
        store.apply(tx, known[move.erasure.id], move, now, publish=publish)
