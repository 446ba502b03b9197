"""Events that may be published again carry the same id: whoever has handled that id before does nothing.

Published again is what the ledger knew and no commit confirmed, and what a restored database has forgotten.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.retention.clocks.events import ErasureReminderDue
from services.retention.early_erasure.events import EarlyErasureDropped, EarlyErasureRequested
from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from services.retention.erasure.values import Erasure
from services.retention.holds.events import HoldRenewed
from shared.database import Transaction
from shared.events import Event
from shared.identifiers import derived_id
from shared.participation.events import HoldPlaced, HoldReleased, RestrictionLifted, RestrictionSet


def publish(
    tx: Transaction, event: Event, now: datetime, *, sequence: int | None = None, about: Erasure | None = None
) -> UUID:
    """Publish in this transaction; returns the event's id. `about` is the erasure as it is afterwards."""
    subject = _subject(event, now, about)
    event_id = derived_id(event.type, *subject) if subject else None
    return tx.outbox.add(event, now=now, sequence=sequence, event_id=event_id)


def _subject(event: Event, at: datetime, about: Erasure | None) -> tuple[object, ...]:
    """What makes two events the same; nothing where each is of its own."""
    subject: tuple[object, ...] = ()
    match event:
        case ErasureScheduled() | ErasureCancelled():
            subject = (event.clock_id,)
        case ErasureReminderDue() if about is not None:
            # The last planned day it stands for: what a restored database makes good is that very letter.
            subject = (event.clock_id, max(about.reminded_on))
        case EarlyErasureRequested() | EarlyErasureDropped():
            subject = (event.request_id,)
        case HoldPlaced() | HoldReleased():
            subject = (event.hold_id,)
        case HoldRenewed():
            subject = (event.hold_id, at.astimezone(UTC).isoformat(timespec="microseconds"))
        case RestrictionSet() | RestrictionLifted():
            subject = (event.restriction_id,)
    return subject
