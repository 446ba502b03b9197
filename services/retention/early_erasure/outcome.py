"""How a request for an early erasure ends, in the transaction of whoever finds that out."""

from __future__ import annotations

from datetime import datetime

from services.retention.early_erasure import rules, store
from services.retention.early_erasure.values import EarlyRequest
from services.retention.erasure import event_ids
from services.retention.erasure.values import Scope
from shared.context import acting_as
from shared.database import Transaction


def drop(tx: Transaction, request: EarlyRequest, reason: str, now: datetime) -> bool:
    """It comes to nothing, and the world hears of it; False where it has ended already."""
    dropped, event = rules.drop(request, reason)
    if not store.settle(tx, dropped):
        return False
    with acting_as("system"):
        event_ids.publish(tx, event, now)
    return True


def overtake(tx: Transaction, scope: Scope, returned_at: datetime, now: datetime) -> None:
    """Account or user came back: what was asked for before and waits is not carried out any more."""
    for request in store.waiting_of(tx, scope):
        if rules.is_overtaken(request, returned_at):
            drop(tx, request, rules.CAME_BACK, now)
