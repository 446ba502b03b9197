"""A change of a record, kept and told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.registers.engine import rules, store
from services.registers.engine.events import RecordEnded, RegisterChanged
from services.registers.engine.values import OPEN, Record, State
from shared.calendar import oslo_date
from shared.database import Transaction
from shared.events import Code


def keep(tx: Transaction, before: Record, after: Record, *, by: str, now: datetime) -> None:
    """Keep what became of a record; where it counts from now on, the one of the same key that did ends."""
    if after.last.state is State.IN_FORCE and before.last.state is not State.IN_FORCE:
        for other in store.counting_beside(tx, after, oslo_date(now)):
            keep(tx, other, rules.replaced(other, after, by=by, now=now), by=by, now=now)
    store.save(tx, after)
    counted, last = before.last.state not in OPEN, after.last
    if last.state is not State.IN_FORCE and not counted:
        return
    about: dict[str, Any] = {"record_id": after.id, "account_id": after.account_id, "kind": Code(after.kind)}
    changed = RegisterChanged(
        **about, state=Code(last.state), revision=last.number, valid_from=last.valid_from, valid_to=last.valid_to
    )
    tx.outbox.add(changed, now=now, sequence=last.number)
    if last.state is State.ENDED and last.valid_to is not None:
        ended = RecordEnded(**about, reason=Code(last.reason or "withdrawn"), ended_on=last.valid_to)
        tx.outbox.add(ended, now=now)
