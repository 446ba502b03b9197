"""How a request for an early erasure ends, in the transaction of whoever finds that out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.retention.early_erasure import rules, store
from services.retention.early_erasure.values import EarlyRequest
from services.retention.erasure import event_ids
from shared.context import acting_as
from shared.database import Transaction

CAME_BACK = "came_back"


def drop(tx: Transaction, request: EarlyRequest, reason: str, now: datetime) -> bool:
    """It comes to nothing, and the world hears of it; False where it has ended already."""
    dropped, event = rules.drop(request, reason)
    if not store.settle(tx, dropped):
        return False
    with acting_as("system"):
        event_ids.publish(tx, event, now)
    return True


def overtake(tx: Transaction, account_id: UUID, returned_at: datetime, now: datetime) -> None:
    """The customer came back: what was asked for before and waits is not carried out any more."""
    for request in store.waiting_of(tx, account_id):
        if rules.is_overtaken(request, returned_at):
            drop(tx, request, CAME_BACK, now)
