"""What may have to be told twice is told under one id: whoever has handled that id before does nothing.

Twice is told what the ledger knew and no commit confirmed, and what a restored database has forgotten that it told.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.retention import events
from services.retention.values import Erasure
from shared.database import Transaction
from shared.events import Event
from shared.identifiers import derived_id
from shared.participation.events import HoldPlaced, HoldReleased, RestrictionLifted, RestrictionSet


def tell(
    tx: Transaction, event: Event, now: datetime, *, sequence: int | None = None, about: Erasure | None = None
) -> UUID:
    """Tell the world in this transaction; returns the event's id. `about` is the erasure as it is afterwards."""
    subject = _subject(event, now, about)
    event_id = derived_id(event.type, *subject) if subject else None
    return tx.outbox.add(event, now=now, sequence=sequence, event_id=event_id)


def _subject(event: Event, at: datetime, about: Erasure | None) -> tuple[object, ...]:
    """What makes this telling the same as another one; nothing where each is of its own."""
    found: tuple[object, ...] = ()
    match event:
        case events.ErasureScheduled() | events.ErasureCancelled():
            found = (event.clock_id,)
        case events.ErasureReminderDue() if about is not None:
            # The last planned day it stands for: what a restored database makes good is that very letter.
            found = (event.clock_id, max(about.reminded_on))
        case events.EarlyErasureRequested() | events.EarlyErasureDropped():
            found = (event.request_id,)
        case HoldPlaced() | HoldReleased():
            found = (event.hold_id,)
        case events.HoldRenewed():
            found = (event.hold_id, at.astimezone(UTC).isoformat(timespec="microseconds"))
        case RestrictionSet() | RestrictionLifted():
            found = (event.restriction_id,)
    return found
